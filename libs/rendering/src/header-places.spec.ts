import { describe, expect, it } from '@jest/globals';
import { fillHeaderPlaces, HEADER_PLACES, headerPlaceProblem, type HeaderFacts } from './header-places.js';

const facts: HeaderFacts = {
  event: { id: 'e-1', type: 'issues.opened', source: '/repo', time: '2026-01-01T00:00:00Z', subject: 'a\r\nX: b ü' },
  delivery: 'dlv_1',
  subscription: 'sub_1',
};

describe('the places of a header', () => {
  it('are filled with what they name', () => {
    expect(fillHeaderPlaces('{{event.group}} of {{ delivery.id }}', facts)).toBe('issues of dlv_1');
    const all = HEADER_PLACES.map((name) => fillHeaderPlaces(`{{${name}}}`, facts));
    expect(all).toEqual([
      ...['e-1', 'issues.opened', 'issues', '/repo'],
      ...['a%0D%0AX:%20b%20%C3%BC', '2026-01-01T00:00:00Z', 'dlv_1', 'sub_1'],
    ]);
  });

  it('call a ping a ping', () => {
    const ping = { ...facts, event: { ...facts.event, type: 'hookstream.ping' } };
    expect(fillHeaderPlaces('{{event.group}}', ping)).toBe('ping');
  });

  it('leave what is said beside them as it is', () => {
    expect(fillHeaderPlaces('100 % {plain}', facts)).toBe('100 % {plain}');
  });

  it.each([
    ['plain', undefined],
    ['{{event.type}}', undefined],
    ['{{event.data}}', '{{event.data}} is nothing that can be put in'],
    ['{{constructor}}', '{{constructor}} is nothing that can be put in'],
    ['{{event.type', 'has a "{{" that is not closed'],
  ])('of %j are judged when they are written', (value, problem) => {
    const found = headerPlaceProblem(value);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });
});
