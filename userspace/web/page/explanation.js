// SPDX-License-Identifier: Apache-2.0
// Why a rule alerted: its condition as a tree, each test with its result and the value it tested.
import { get } from './api.js';
import { foreign, h, visible } from './dom.js';

const deepest = 64, longest = 160;

const result = (holds) => h('span', { class: 'result', 'data-state': holds ? 'good' : 'bad' },
  h('span', { 'aria-hidden': 'true' }, holds ? '✓' : '✗'), h('span', { class: 'unseen' }, holds ? 'true: ' : 'false: '));

const value = (of) => of === null || of === undefined
  ? h('span', { class: 'muted' }, 'no value')
  : ['was ', h('code', {}, foreign(of))];

// A list of a hundred programs hides the tests around it.
function long(text) {
  const whole = String(text);
  if (whole.length <= longest) return h('code', {}, foreign(whole));
  return h('details', { class: 'long' }, h('summary', {}, h('code', {}, foreign(whole.slice(0, longest)), ' …')),
    h('code', {}, foreign(whole)));
}

const test = (of, decides) => [result(of.holds), long(of.test),
  h('span', { class: 'muted' }, ' ', value(of.value)), decides ? h('span', { class: 'chip' }, 'decides') : null];

const kinds = { all: 'all of', any: 'any of', not: 'not' };

function node(of, decisive, depth) {
  const names = [...(of.macros ?? []).map((name) => ['macro ', foreign(name), ': ']),
    of.exception ? ['exception ', foreign(of.exception), ': '] : null];
  if (of.kind === 'test') return h('li', {}, names, test(of, decisive.has(of.test)));
  const children = depth < deepest ? of.children ?? [] : [];
  return h('li', {}, result(of.holds), names, kinds[of.kind] ?? visible(of.kind),
    h('ul', {}, children.map((child) => node(child, decisive, depth + 1))));
}

function verdict(rule) {
  if (!rule.matched) return 'With the rules of now, the rule does not match this event. These tests would have to change:';
  if (rule.earlier_rule) return ['The rule matches, but only the first matching rule alerts: ', foreign(rule.earlier_rule), '. These tests decided:'];
  return 'The rule matches. These tests decided; the others would not have changed it:';
}

// The content of the card; an error is a sentence.
export async function explanation(id) {
  try {
    const answer = await get(`alerts/${id}/explanation`);
    const rule = answer.rules?.[0];
    if (answer.error || !rule) return [h('p', { class: 'muted' }, visible(answer.error ?? 'There is no explanation.'))];
    const tests = rule.matched ? rule.decided_by : rule.nearest;
    const decisive = new Set(rule.decided_by.map((of) => of.test));
    return [
      h('p', {}, verdict(rule)),
      h('ul', { class: 'tests' }, tests.map((of) => h('li', {}, test(of, false)))),
      rule.condition ? h('details', {}, h('summary', {}, 'The whole condition'),
        h('ul', { class: 'tree condition', 'aria-label': 'The condition of the rule' }, node(rule.condition, decisive, 0))) : null,
      h('p', { class: 'muted' }, 'Event ', visible(answer.event.number), ', rule in ', foreign(rule.file), ':', visible(rule.line),
        rule.view === 'resolved' ? '; the path as the kernel resolved it' : null),
    ];
  } catch (error) {
    return [h('p', { class: 'muted' }, visible(error.message))];
  }
}
