// SPDX-License-Identifier: Apache-2.0
import { post } from './api.js';
import { h, replace, visible } from './dom.js';

export function login(app, problem, then) {
  const password = h('input', { id: 'password', type: 'password', name: 'password', required: true, autocomplete: 'current-password' });
  const button = h('button', { class: 'primary', type: 'submit' }, 'Sign in');
  const said = h('p', { class: 'login-said', role: 'alert' }, problem && visible(problem.message));
  const form = h('form', { class: 'card login', onsubmit: async (event) => {
    event.preventDefault();
    button.disabled = true;
    replace(said);
    try {
      await post('login', { password: password.value });
      return then();
    } catch (error) {
      const text = visible(error.message);
      replace(said, text[0].toUpperCase() + text.slice(1) + '.');
      password.select();
      password.focus();
    } finally {
      button.disabled = false;
    }
  } },
  h('img', { src: 'icon.svg', alt: '', width: 44, height: 44 }),
  h('h1', {}, 'Saker'),
  h('p', { class: 'muted' }, 'What happens on this host, as the sensor sees it.'),
  h('label', { for: 'password' }, 'Password'), password, said, button);
  replace(app, h('main', { id: 'main', class: 'login-place' }, form));
  document.title = 'Sign in – Saker';
  password.focus();
}
