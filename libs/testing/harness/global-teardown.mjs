export default async function globalTeardown() {
  await globalThis.hookstreamTestBackends?.stop();
}
