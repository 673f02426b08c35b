// SPDX-License-Identifier: Apache-2.0
// Asks the server. An answer that is an error becomes one, with the server's own sentence.

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function answer(response) {
  let body = null;
  try { body = await response.json(); } catch { /* the status says enough */ }
  if (response.ok) return body;
  const more = body?.problems?.length ? ': ' + body.problems.join('; ') : '';
  throw new Refused(response.status, (body?.error ?? 'the server answers ' + response.status) + more);
}

export async function get(path, values = {}, signal = undefined) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== '' && value !== undefined && value !== null) query.set(name, value);
  const text = query.toString();
  return answer(await fetch('/api/' + path + (text ? '?' + text : ''), { signal }));
}

export async function post(path, body) {
  return answer(await fetch('/api/' + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body ?? {}),
  }));
}
