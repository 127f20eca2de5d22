import { describe, expect, it } from '@jest/globals';
import { TopicRoutes } from './topic-routes.js';

describe('TopicRoutes', () => {
  it('finds the pattern of a topic, also after its topics were replaced', () => {
    const routes = new TopicRoutes({ ingress: ['a'], near: ['n'] });
    expect(routes.replace('ingress', ['b', 'c', 'b'])).toBe(true);
    expect(['a', 'b', 'c', 'n'].map((topic) => routes.patternOf(topic))).toEqual([
      undefined,
      'ingress',
      'ingress',
      'near',
    ]);
    expect(routes.topics()).toEqual(['b', 'c', 'n']);
  });

  it('knows when nothing changed', () => {
    const routes = new TopicRoutes({ ingress: ['a', 'b'] });
    expect(routes.replace('ingress', ['b', 'a'])).toBe(false);
  });

  it('refuses a topic of two patterns and stays as it was', () => {
    expect(() => new TopicRoutes({ one: ['a'], two: ['a'] })).toThrow('topic "a" belongs to two patterns');
    const routes = new TopicRoutes({ one: ['a'], two: ['b'] });
    expect(() => routes.replace('two', ['a'])).toThrow('belongs to two patterns');
    expect(routes.patternOf('a')).toBe('one');
    expect(() => routes.replace('three', [])).toThrow('known are one, two');
  });
});
