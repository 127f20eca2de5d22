import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { NOW_MS, aDocument, aDueDelivery } from '@hookstream/testing';
import { renderTemplate } from './render-template.js';
import type { Rendering } from './template-renderer.js';

/** What a template sees, and what is made of what it gives. */
async function rendered(format: 'template' | 'json' | 'xml', gives: Rendering, scheme?: 'md5') {
  let seen = '';
  const made = await renderTemplate(
    aDueDelivery({ attempt: 3, attemptsInRun: 1, firstSentAtMs: NOW_MS - 5_000, failedBy: 503 }),
    { document: aDocument({ format, template: 'data', ...(scheme && { scheme }) }), keys: () => [] },
    NOW_MS,
    {
      render: ({ input }) => {
        seen = input();
        return Promise.resolve(gives);
      },
    },
  );
  return { seen: JSON.parse(seen) as unknown, text: made.kind === 'rendered' ? made.body.toString() : made.kind };
}

const ping = { kind: 'rendered', text: '{"type":"ping"}', isJson: true } as const;
const word: Rendering = { kind: 'rendered', text: 'a "word"', isJson: false };

describe('a rendering by a template', () => {
  it('is told which attempt it is for, and what became of the one before', async () => {
    expect((await rendered('template', ping)).seen).toMatchObject({
      event: { type: 'invoice.submitted' },
      delivery: {
        ...{ attempt: 3, attemptInRun: 2, previous: { status: 503, error: null } },
        ...{ sentAt: '2026-01-01T00:00:00.000Z', firstSentAt: '2025-12-31T23:59:55.000Z' },
      },
    });
  });

  it('is sent as it is, or as its format writes it, with a digest where one is asked for', async () => {
    expect((await rendered('template', word)).text).toBe('a "word"');
    expect((await rendered('json', word)).text).toBe('"a \\"word\\""');
    expect((await rendered('xml', ping)).text).toContain('<notification><type>ping</type></notification>');
    const md5 = createHash('md5').update(ping.text).digest('hex');
    expect((await rendered('json', ping, 'md5')).text).toBe(`{"payload":{"type":"ping"},"md5":"${md5}"}`);
  });
});
