// SPDX-License-Identifier: Apache-2.0
// Numbers, times and priorities as a person reads them.

export const priorities =
  ['Emergency', 'Alert', 'Critical', 'Error', 'Warning', 'Notice', 'Informational', 'Debug'];

const two = (n) => String(n).padStart(2, '0');

export const clock = (date) =>
  `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;

export const day = (date) =>
  `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

export const moment = (date) => `${day(date)} ${clock(date)}`;

// The short form where it is of today.
export const shortly = (date) => day(date) === day(new Date()) ? clock(date) : moment(date);

// Of an alert; its nanoseconds are more than a number here can hold.
export const timeOf = (alert) => new Date(alert.time ?? NaN);

export const number = (n) => Number(n).toLocaleString('en-US');

export function bytes(n) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) { n /= 1024; unit++; }
  return `${unit && n < 100 ? n.toFixed(1) : Math.round(n)} ${units[unit]}`;
}

export function duration(seconds) {
  const parts = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const at = parts.findIndex(([size]) => seconds >= size);
  if (at < 0) return '0 s';
  const [size, unit] = parts[at];
  const rest = parts[at + 1] ? Math.floor((seconds % size) / parts[at + 1][0]) : 0;
  return `${Math.floor(seconds / size)} ${unit}` + (rest ? ` ${rest} ${parts[at + 1][1]}` : '');
}

export const plural = (n, one, many = one + 's') => `${number(n)} ${n === 1 ? one : many}`;

// The message without the time and the priority that stand before it.
export function message(alert) {
  const output = String(alert.output ?? '');
  const head = `: ${alert.priority} `;
  const at = output.indexOf(head);
  return at >= 0 && at < 48 ? output.slice(at + head.length) : output;
}

export const field = (alert, name) => {
  const value = alert.output_fields?.[name];
  return value === null || value === '<NA>' ? undefined : value;
};

export function place(alert) {
  const pod = field(alert, 'k8s.pod.name');
  if (pod) return { kind: 'pod', name: (field(alert, 'k8s.ns.name') ? field(alert, 'k8s.ns.name') + '/' : '') + pod };
  const container = field(alert, 'container.name') ?? field(alert, 'container.id');
  return container && container !== 'host' ? { kind: 'container', name: container } : null;
}
