// SPDX-License-Identifier: Apache-2.0
// The frame around the views, and which of them is shown: the address behind '#' says it.
import { get, post, Refused } from './api.js';
import { h, replace } from './dom.js';
import { login } from './login.js';
import { failed } from './parts.js';
import * as live from './live.js';
import * as history from './history.js';
import * as charts from './charts.js';
import * as rules from './rules.js';
import * as health from './health.js';
import * as alert from './alert.js';

const views = { live, history, charts, rules, health, alert };
const tabs = [['live', 'Live'], ['history', 'History'], ['charts', 'Charts'], ['rules', 'Rules'], ['health', 'Health']];

const app = document.getElementById('app');
let close = null;  // ends what the shown view goes on doing
let frame = null;

function dark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

function themeButton() {
  const button = h('button', { class: 'quiet', type: 'button', onclick: () => {
    const theme = dark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = theme;
    try { localStorage.setItem('theme', theme); } catch { /* until the page is closed, then */ }
    name();
  } });
  const name = () => replace(button, dark() ? 'Light' : 'Dark', h('span', { class: 'unseen' }, ' theme'));
  name();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', name);
  return button;
}

async function signOut() {
  try { await post('logout'); } catch { /* it is over all the same */ }
  if (frame) begin();
}

function makeFrame() {
  const links = tabs.map(([key, text]) => h('a', { href: `#/${key}` }, text));
  const main = h('main', { id: 'main', tabindex: '-1' });
  replace(app,
    h('header', { class: 'bar' },
      h('a', { class: 'brand', href: '#/live' }, h('img', { src: 'icon.svg', alt: '', width: 26, height: 26 }), 'Saker'),
      h('nav', { 'aria-label': 'Views' }, links),
      h('div', { class: 'bar-end' }, themeButton(),
        h('button', { class: 'quiet', type: 'button', onclick: signOut }, 'Sign out'))),
    main);
  return { main, links };
}

export function route() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [name, ...rest] = path.split('/');
  return { name: Object.hasOwn(views, name) ? name : 'live', rest, values: new URLSearchParams(query ?? '') };
}

async function show() {
  // The skip link's target is no view.
  if (location.hash === '#main') return;
  const { name, rest, values } = route();
  close?.();
  close = null;
  for (const link of frame.links)
    link.toggleAttribute('aria-current', false);
  frame.links.find((link) => link.getAttribute('href') === `#/${name}`)?.setAttribute('aria-current', 'page');
  const place = h('div', { class: `view view-${name}` });
  replace(frame.main, place);
  try {
    const ends = await views[name].open(place, { rest, values, fail: (error) => fail(place, error) });
    if (place.isConnected) close = ends ?? null;
    else ends?.();
  } catch (error) {
    fail(place, error);
  }
  document.title = (place.querySelector('h1')?.textContent ?? 'Saker') + ' – Saker';
  place.querySelector('h1')?.focus({ preventScroll: true });
}

function fail(place, error) {
  if (error.name === 'AbortError') return;
  if (error instanceof Refused && error.status === 401) {
    // Several requests may be refused at once: one form, so that nothing typed into it is lost.
    if (frame) begin();
    return;
  }
  place.querySelector(':scope > .failed')?.remove();
  place.prepend(failed(error));
}

async function begin() {
  close?.();
  close = null;
  frame = null;
  try {
    await get('session');
  } catch (error) {
    return login(app, error.status === 401 ? null : error, begin);
  }
  frame = makeFrame();
  show();
}

addEventListener('hashchange', () => { if (frame) show(); });
begin();
