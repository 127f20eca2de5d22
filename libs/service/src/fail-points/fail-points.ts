import { SettingsError } from '../settings/settings-error.js';

/** A step at which a test may have this process killed. Elsewhere it is an empty function. */
export type FailPoint = () => void;

export interface FailPointSetting {
  /** `<name>:<pass>`: at which point, and at which pass of it from 1, the process dies; undefined: nowhere. */
  readonly armed: string | undefined;
  /** `NODE_ENV`: an armed point is refused everywhere but in `test`. */
  readonly environment: string | undefined;
  /** Ends the process as nothing else but SIGKILL does: no handler runs, nothing is flushed. */
  readonly die: (name: string) => void;
}

export const FAIL_POINT_FORM = /^[a-z-]+\.[a-z-]+:[1-9]\d{0,8}$/;

const nothing: FailPoint = () => undefined;

/** The same work with a fail point on either side; the very same function where neither is armed. */
export function between<Args extends readonly unknown[], Result>(
  before: FailPoint,
  work: (...args: Args) => Promise<Result>,
  after: FailPoint,
): (...args: Args) => Promise<Result> {
  if (before === nothing && after === nothing) return work;
  return async (...args) => {
    before();
    const result = await work(...args);
    after();
    return result;
  };
}

/** The fail points of one process, of which at most one is armed. */
export class FailPoints {
  readonly #names = new Set<string>();
  readonly #armed: { readonly name: string; readonly pass: number } | undefined;

  /** @throws SettingsError where one is armed and this is no test */
  constructor(private readonly setting: FailPointSetting) {
    const { armed, environment } = setting;
    if (armed === undefined) return;
    if (environment !== 'test')
      throw new SettingsError([
        'HOOKSTREAM_FAIL_POINT kills this process on purpose: unset it; only a test (NODE_ENV=test) may set it',
      ]);
    const [name = '', pass] = armed.split(':');
    this.#armed = { name, pass: Number(pass) };
  }

  /** Names a step; to be asked for once, when the service is put together. */
  at(name: string): FailPoint {
    this.#names.add(name);
    const armed = this.#armed;
    if (armed?.name !== name) return nothing;
    let passes = 0;
    return () => {
      passes += 1;
      if (passes === armed.pass) this.setting.die(name);
    };
  }

  /** @throws SettingsError where no part has named the armed one: the test would wait for ever */
  assertNamed(): void {
    if (!this.#armed || this.#names.has(this.#armed.name)) return;
    const names = [...this.#names].sort().join(', ');
    throw new SettingsError([`HOOKSTREAM_FAIL_POINT: there is no "${this.#armed.name}" here; there are ${names}`]);
  }
}
