// SPDX-License-Identifier: Apache-2.0
// What came before, by a filter. The filter is in the address, so a search can be sent to a colleague.
import { get } from './api.js';
import { h, replace } from './dom.js';
import { empty, head, row, select } from './parts.js';
import { plural, priorities } from './text.js';

const names = ['text', 'rule', 'priority', 'tag', 'container', 'pod', 'from', 'until'];

const local = (seconds) => {
  const date = new Date(Number(seconds) * 1000);
  date.setMinutes(date.getMinutes() - date.getTimezoneOffset());
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 16);
};
const seconds = (text) => text ? Math.floor(new Date(text).getTime() / 1000) : '';

const input = (label, name, values, more = {}) =>
  h('label', { class: 'field' }, h('span', {}, label), h('input', { name, value: values.get(name) ?? '', autocomplete: 'off', ...more }));

const choices = (id, list) => h('datalist', { id }, list.map((name) => h('option', { value: name })));

export async function open(place, { values, fail }) {
  const form = h('form', { class: 'card filter', role: 'search', 'aria-label': 'Filter of the history', onsubmit: (event) => {
    event.preventDefault();
    const data = new FormData(form), query = new URLSearchParams();
    for (const name of names) {
      let value = data.get(name) ?? '';
      if (name === 'from' || name === 'until') value = String(seconds(value));
      if (value.trim()) query.set(name, value.trim());
    }
    const hash = '#/history' + (query.size ? '?' + query : '');
    if (hash === location.hash) search();
    else location.hash = hash;
  } });
  const priority = select('Priority', [['', 'All'], ...priorities.slice(0, 7).map((p, i) => [p, i ? `${p} or worse` : p])], values.get('priority') ?? '', () => form.requestSubmit());
  priority.querySelector('select').name = 'priority';
  form.append(
    h('label', { class: 'field wide' }, h('span', {}, 'Text'),
      h('input', { type: 'search', name: 'text', value: values.get('text') ?? '', placeholder: 'words of the alert, as in /etc/shadow', autocomplete: 'off' })),
    priority,
    input('Rule', 'rule', values, { list: 'rules' }),
    input('Tag', 'tag', values, { list: 'tags' }),
    input('Container', 'container', values, { list: 'containers' }),
    input('Pod', 'pod', values, { list: 'pods' }),
    h('label', { class: 'field' }, h('span', {}, 'From'), h('input', { type: 'datetime-local', name: 'from', value: values.get('from') ? local(values.get('from')) : '' })),
    h('label', { class: 'field' }, h('span', {}, 'Until'), h('input', { type: 'datetime-local', name: 'until', value: values.get('until') ? local(values.get('until')) : '' })),
    h('div', { class: 'filter-end' },
      h('button', { class: 'primary', type: 'submit' }, 'Search'),
      h('a', { class: 'button', href: '#/history' }, 'Clear')));
  const said = h('p', { class: 'said', role: 'status' });
  const list = h('ol', { class: 'alerts', 'aria-label': 'Alerts found' });
  const more = h('button', { type: 'button', hidden: true, onclick: () => load(list.dataset.last) }, 'Show older ones');
  const none = h('div', {});
  place.append(head('History'), form, said, none, list, more);

  async function load(before) {
    more.disabled = true;
    try {
      const query = Object.fromEntries(names.map((name) => [name, values.get(name)]));
      const found = await get('alerts', { ...query, before, limit: 100 });
      list.append(...found.alerts.map(row));
      list.dataset.last = found.alerts.at(-1)?.id ?? '';
      more.hidden = !found.more;
      const count = list.children.length;
      said.textContent = `${plural(count, 'alert')}${found.more ? ', and older ones' : ''} · ${found.took_ms} ms` +
        (found.hurried ? ' · stopped after two seconds: narrow the time or the text' : '');
      replace(none, count ? null : empty('Nothing found', 'No alert in the history meets this filter.'));
    } catch (error) {
      fail(error);
    }
    more.disabled = false;
  }
  async function search() {
    replace(list);
    await load('');
  }

  const known = get('names').then((lists) => form.append(
    choices('rules', lists.rules), choices('tags', lists.tags), choices('containers', lists.containers), choices('pods', lists.pods)), fail);
  await Promise.all([search(), known]);
}
