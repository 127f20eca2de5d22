/** What the preloaded module learns from its environment. */
export const PROFILE_DIR = 'BENCH_PROFILE_DIR';
export const PROFILE_NAME = 'BENCH_PROFILE_NAME';
