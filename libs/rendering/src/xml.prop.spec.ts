import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { renderXml } from './xml.js';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** By a parser that refuses what is not well-formed. */
function parsed(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const element = open.at(-1);
    if (element) element.text += text;
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(xml).close();
  return root.children[0] ?? root;
}

const decoded = (text: string, encoding: string | undefined): unknown =>
  encoding === 'json' ? JSON.parse(text) : text;

function nameOf({ name, attributes }: Element): unknown {
  return name === 'member' && attributes['name'] !== undefined
    ? decoded(attributes['name'], attributes['name-encoding'])
    : name;
}

/** Whether an element says what a JSON value does, by the mapping that `renderXml` documents. */
function expectSame(element: Element, value: unknown): void {
  const { attributes, children, text } = element;
  if (Array.isArray(value)) {
    expect(children.map(({ name }) => name)).toEqual(value.map(() => 'item'));
    children.forEach((child, i) => expectSame(child, value[i]));
  } else if (typeof value === 'object' && value !== null) {
    const members: [string, unknown][] = Object.entries(value);
    expect(children.map(nameOf)).toEqual(members.map(([name]) => name));
    children.forEach((child, i) => expectSame(child, members[i]?.[1]));
  } else if (value === null) {
    expect([attributes['nil'], text]).toEqual(['true', '']);
  } else if (typeof value === 'string') {
    expect(decoded(text, attributes['encoding'])).toBe(value);
  } else {
    expect(JSON.parse(text)).toBe(value);
  }
}

function xmlOf(json: string): string {
  const event = { id: 'e', source: '/s', type: 'a.b', time: '2022-11-03T20:26:10Z', data: Buffer.from(json) };
  const result = renderXml(event);
  if (!result.ok) throw new Error(result.detail);
  return result.body.toString('utf8');
}

describe('an XML payload', () => {
  it('is well-formed for any JSON, and a standard parser reads the same values from it', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom('xmlns', 'item', ' ', 'ä', ']]>'),
    );
    const value = fc.jsonValue({ stringUnit: 'binary' });
    fc.assert(
      fc.property(fc.oneof(value, fc.dictionary(text, fc.oneof(text, value))), (given) => {
        const json = JSON.stringify(given);
        const data = parsed(xmlOf(json)).children[2];
        if (data === undefined) throw new Error('there is no <data>');
        expectSame(data, JSON.parse(json));
      }),
      { numRuns: 1_000 },
    );
  });

  it('looks as documented', () => {
    const json = '{"id":12345678901234567890.10,"tags":["a",null],"not a name":"<&>","control":"\\u0000é"}';
    expect(xmlOf(json)).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><notification><type>a.b</type><timestamp>2022-11-03T20:26:10Z</timestamp>' +
        '<data><id>12345678901234567890.10</id><tags><item>a</item><item nil="true"/></tags>' +
        '<member name="not a name">&lt;&amp;&gt;</member><control encoding="json">"\\u0000\\u00e9"</control></data>' +
        '</notification>',
    );
  });

  it('keeps half a surrogate pair, which no XML can hold', () => {
    expect(xmlOf('"\\ud800"')).toContain('<data encoding="json">"\\ud800"</data>');
  });
});
