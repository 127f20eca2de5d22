import { describe, expect, it } from '@jest/globals';
import { between, FAIL_POINT_FORM, FailPoints, type FailPointSetting } from './fail-points.js';

function failPoints(setting: Partial<FailPointSetting>) {
  const deaths: string[] = [];
  const die = (name: string) => void deaths.push(name);
  return { deaths, points: new FailPoints({ armed: undefined, environment: 'test', die, ...setting }) };
}

describe('fail points', () => {
  it('dies on the pass that is armed, and on no other', () => {
    const { points, deaths } = failPoints({ armed: 'router.batch-routed:3' });
    const pass = points.at('router.batch-routed');
    pass();
    pass();
    expect(deaths).toEqual([]);
    pass();
    pass();
    expect(deaths).toEqual(['router.batch-routed']);
  });

  it('gives every point that is not armed the same empty function', () => {
    const { points, deaths } = failPoints({ armed: 'router.batch-routed:1' });
    const other = points.at('router.batch-taken');
    other();
    expect(deaths).toEqual([]);
    expect(failPoints({}).points.at('router.batch-routed')).toBe(other);
  });

  it.each([undefined, 'production', 'development'])('refuses to be armed where NODE_ENV is %s', (environment) => {
    const arm = () => failPoints({ armed: 'router.batch-routed:1', environment });
    expect(arm).toThrow('HOOKSTREAM_FAIL_POINT kills this process on purpose');
  });

  it('refuses a name that no part of the service has, and tells those there are', () => {
    const { points } = failPoints({ armed: 'router.typo:1' });
    points.at('router.batch-taken');
    points.at('router.batch-routed');
    expect(() => points.assertNamed()).toThrow(
      'no "router.typo" here; there are router.batch-routed, router.batch-taken',
    );
  });

  it('has nothing against a name that is known, or none', () => {
    const { points } = failPoints({ armed: 'router.batch-routed:1' });
    points.at('router.batch-routed');
    expect(() => points.assertNamed()).not.toThrow();
    expect(() => failPoints({}).points.assertNamed()).not.toThrow();
  });

  it('stands on either side of the work, and leaves work alone where nothing is armed', async () => {
    const { points, deaths } = failPoints({ armed: 'router.after:1' });
    const deathsMeanwhile: number[] = [];
    const work = (seen: number) => Promise.resolve(deathsMeanwhile.push(deaths.length) + seen);
    const other = points.at('router.before');
    expect(await between(other, work, points.at('router.after'))(41)).toBe(42);
    expect([deathsMeanwhile, deaths]).toEqual([[0], ['router.after']]);
    expect(between(other, work, points.at('router.another'))).toBe(work);
  });

  it.each(['router.batch-routed', 'router.batch-routed:0', 'batch:1', 'router.batch-routed:x'])(
    'takes only a service, a step and a pass: not %s',
    (written) => expect(FAIL_POINT_FORM.test(written)).toBe(false),
  );
});
