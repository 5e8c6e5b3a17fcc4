// The scheduler's API as a member of staff uses it: one signed-in person.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';

export class Person {
  constructor(base) { this.base = `${base}/api/v1`; }

  async signIn(username, password) {
    const answer = await this.send('POST', '/session', { username, password });
    this.csrf = answer.csrf_token;
    this.user = answer.user;
    return this;
  }

  async send(method, target, body, headers = {}) {
    const response = await this.raw(method, target, {
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': typeof body === 'string' ? 'text/csv' : 'application/json' }),
        ...headers,
      },
    });
    const text = await response.text();
    return text ? JSON.parse(text) : null;
  }

  async raw(method, target, { headers = {}, ...rest } = {}) {
    const response = await fetch(target.startsWith('http') ? target : this.base + target, {
      method,
      headers: {
        ...(this.cookie ? { Cookie: this.cookie } : {}),
        ...(this.csrf ? { 'X-CSRF-Token': this.csrf } : {}),
        ...headers,
      },
      redirect: 'error',
      ...rest,
    });
    const cookie = response.headers.get('set-cookie');
    if (cookie) this.cookie = cookie.split(';')[0];
    if (!response.ok) {
      const problem = await response.text();
      throw new Error(`${method} ${target} answered ${response.status}: ${problem}`);
    }
    return response;
  }

  get(target) { return this.send('GET', target); }
  post(target, body = {}) { return this.send('POST', target, body); }

  // A resumable upload (tus 1.0) in pieces of 256 KiB; gives the upload's id.
  async upload(file) {
    const { size } = await stat(file);
    const created = await this.raw('POST', '/uploads', {
      headers: {
        'Tus-Resumable': '1.0.0',
        'Upload-Length': String(size),
        'Upload-Metadata': `filename ${Buffer.from(path.basename(file)).toString('base64')}`,
      },
    });
    const location = new URL(created.headers.get('location'), this.base).href;
    let offset = 0;
    for await (const piece of createReadStream(file, { highWaterMark: 256 * 1024 })) {
      const answer = await this.raw('PATCH', location, {
        headers: {
          'Tus-Resumable': '1.0.0',
          'Upload-Offset': String(offset),
          'Content-Type': 'application/offset+octet-stream',
        },
        body: piece,
      });
      offset = Number(answer.headers.get('upload-offset'));
    }
    if (offset !== size) throw new Error(`${file}: ${offset} of ${size} bytes arrived`);
    return location.split('/').pop();
  }
}
