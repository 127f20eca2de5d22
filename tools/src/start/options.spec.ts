import { describe, expect, it } from '@jest/globals';
import { parseOptions } from './options.js';

describe('parseOptions', () => {
  it('starts quietly and keeps the data unless told otherwise', () => {
    expect(parseOptions([])).toEqual({ help: false, verbose: false, reset: false, yes: false });
    expect(parseOptions(['--verbose', '--reset', '-y'])).toMatchObject({ verbose: true, reset: true, yes: true });
  });

  it('names an option it does not know', () => {
    expect(parseOptions(['--rest'])).toContain("'--rest'");
  });
});
