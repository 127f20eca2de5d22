import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.js';
import { inTurn, perHeader } from './answer.js';
import { ScriptedReceiver } from './scripted-receiver.js';

describe('ScriptedReceiver', () => {
  let receiver: ScriptedReceiver;
  beforeEach(async () => {
    receiver = await ScriptedReceiver.start();
  });
  afterEach(() => receiver.close());

  const post = (path: string, body: string | Uint8Array<ArrayBuffer> = '', headers: Record<string, string> = {}) =>
    fetch(receiver.url(path), { method: 'POST', body, headers });

  it('keeps bytes, headers and time of every request and answers 200', async () => {
    const before = Date.now();
    const bytes = new Uint8Array([0, 255, 10, 13]);
    const response = await post('/hook?x=1', bytes, { 'webhook-id': 'dlv_1' });
    expect(response.status).toBe(200);
    expect(receiver.journal).toHaveLength(1);
    const [request] = receiver.requestsTo('/hook?x=1');
    expect(request).toMatchObject({ index: 0, method: 'POST', body: Buffer.from(bytes) });
    expect(request?.headers['webhook-id']).toBe('dlv_1');
    expect(request?.arrivedAtMs).toBeGreaterThanOrEqual(before);
  });

  it('answers in turn and stays with the last answer', async () => {
    receiver.answerWith(inTurn(503, { status: 429, headers: { 'retry-after': '7' }, body: 'slow down' }, 204));
    expect((await post('/')).status).toBe(503);
    const second = await post('/');
    expect([second.status, second.headers.get('retry-after'), await second.text()]).toEqual([429, '7', 'slow down']);
    expect((await post('/')).status).toBe(204);
    expect((await post('/')).status).toBe(204);
  });

  it('takes the turns of each delivery separately', async () => {
    receiver.answerWith(perHeader('webhook-id', () => inTurn(500, 200)));
    const statuses: number[] = [];
    for (const id of ['a', 'b', 'a', 'b']) statuses.push((await post('/', '', { 'webhook-id': id })).status);
    expect(statuses).toEqual([500, 500, 200, 200]);
  });

  it('hangs, and lets go when it is closed', async () => {
    receiver.answerWith(() => 'hang');
    const hanging = post('/').then(
      () => 'answered',
      () => 'cut',
    );
    await eventually(() => {
      expect(receiver.journal).toHaveLength(1);
    });
    await receiver.close();
    expect(await hanging).toBe('cut');
  });

  it('cuts the connection when told to', async () => {
    receiver.answerWith(() => 'reset');
    await expect(post('/')).rejects.toThrow('fetch failed');
  });

  it('comes back on the same port', async () => {
    await receiver.close();
    const { port } = receiver;
    receiver = await ScriptedReceiver.start(inTurn(201), port);
    expect((await post('/')).status).toBe(201);
  });
});
