import { createHash, timingSafeEqual } from 'node:crypto';

const PREFIX = 'hsk_';
/** 256 random bits as we make them, or at least 128 bits of someone else's randomness. */
const API_KEY = /^hsk_[0-9A-Za-z]{32,128}$/;
const SHOWN_CHARACTERS = PREFIX.length + 6;

/** @param entropy 32 bytes from a cryptographic random source */
export function formatApiKey(entropy: Buffer): string {
  return PREFIX + entropy.toString('hex');
}

export function isApiKey(text: string): boolean {
  return API_KEY.test(text);
}

/** SHA-256, hexadecimal. The key is random, so it needs neither salt nor a slow hash. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Enough to tell one's keys apart, far too little to guess one. */
export function shownPrefix(key: string): string {
  return key.slice(0, SHOWN_CHARACTERS);
}

export function isSameHash(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
