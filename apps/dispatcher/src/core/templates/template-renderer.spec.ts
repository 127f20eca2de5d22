// Real: the threads, JSONata. No data leaves them but what they render.
import { afterEach, describe, expect, it } from '@jest/globals';
import { startTemplateThread } from '../../adapters/template-thread.js';
import { TemplateLane, type TemplateWorkerEvents } from './template-lane.js';
import { TemplateRenderer } from './template-renderer.js';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

const after = (milliseconds: number, callback: () => void) => {
  const timer = setTimeout(() => setImmediate(callback), milliseconds);
  return () => clearTimeout(timer);
};

function bed() {
  const started: string[] = [];
  const lane = (name: string) =>
    new TemplateLane({
      start: (events: TemplateWorkerEvents) => {
        started.push(name);
        return startTemplateThread(events);
      },
      after,
    });
  const renderer = new TemplateRenderer({
    lane: lane('lane'),
    offenders: lane('offenders'),
    now: () => performance.now(),
  });
  open.push(renderer);
  const render = (expression: string, seen: unknown = { event: { type: 'a' }, data: { n: 1 } }, patienceMs = 5_000) =>
    renderer.render({ expression, input: () => JSON.stringify(seen) }, patienceMs);
  return { render, started };
}

const ENDLESS = '($f := function($n) { $f($n + 1) }; $f(0))';

describe('a template', () => {
  it.each([
    ['{ "text": event.type & "!", "n": data.n }', { kind: 'rendered', text: '{"text":"a!","n":1}', isJson: true }],
    ['"Type " & event.type', { kind: 'rendered', text: 'Type a', isJson: false }],
    ['data.missing', { kind: 'failed', message: 'the template gives nothing' }],
    ['$sum("secret")', { kind: 'failed', message: 'the template ended with T0412 at character 5' }],
    ['$error("secret")', { kind: 'failed', message: expect.stringContaining('ended with D3137') }],
    ['$pad("x", 300000)', { kind: 'failed', message: 'the template gives 300000 bytes, more than 262144' }],
    ['$keys($eval("process"))', { kind: 'failed', message: 'the template gives nothing' }],
  ])('%s gives %j', async (expression, rendering) => {
    expect(await bed().render(expression)).toEqual(rendering);
  });

  it('that does not come to an end holds up others for a moment only, and runs beside its like from then on', async () => {
    const { render, started } = bed();
    await render('data.n');
    const startedAtMs = performance.now();
    const others = Array.from({ length: 40 }, (_, n) => render(`data.n + ${n}`));
    const endless = render(ENDLESS);
    const behind = Array.from({ length: 40 }, (_, n) => render(`data.n + ${n}`));
    expect((await Promise.all([...others, ...behind])).every(({ kind }) => kind === 'rendered')).toBe(true);
    expect(await endless).toEqual({ kind: 'failed', message: 'the template took too long' });
    expect(started).toEqual(['lane', 'lane', 'offenders']);
    const again = [render(ENDLESS), render('data.n')] as const;
    expect(await again[1]).toMatchObject({ kind: 'rendered' });
    expect(await again[0]).toMatchObject({ kind: 'failed' });
    expect(started.filter((name) => name === 'lane')).toHaveLength(2);
    expect(performance.now() - startedAtMs).toBeLessThan(20_000);
  });

  it('that takes all memory of its thread is tried again at another attempt', async () => {
    const { render } = bed();
    const greedy = '($f := function($a) { $f($append($a, [1..100000])) }; $f([]))';
    expect(['unavailable', 'failed']).toContain((await render(greedy)).kind);
    expect(await render('data.n')).toMatchObject({ kind: 'rendered', text: '1' });
  });

  it('that cannot begin in time has not failed', async () => {
    const { render } = bed();
    void render(ENDLESS);
    expect(await render('data.n', {}, 1)).toMatchObject({ kind: 'unavailable' });
  });
});
