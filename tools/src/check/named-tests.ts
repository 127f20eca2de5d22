/** What a document says proves it. */
export interface NamedTests {
  /** Titles of tests, or their beginnings. */
  readonly titles: readonly string[];
  /** Of `npm run test:invariants`. */
  readonly scenarios: readonly string[];
}

const PROOF = /Proof|`npm test`/;
const QUOTED = /"([^"]+)"/g;
const CODE = /`([a-z-]+)`/g;
const SCENARIOS = /[Ss]cenarios?((?:[^".;]|"[^"]*")*)/g;
/** Stands for what is left out at the beginning, the end, or between. */
const LEFT_OUT = '…';

/** Reads the paragraphs that name proofs: titles in double quotes, scenarios as code behind the word. */
export function namedTests(markdown: string): NamedTests {
  const paragraphs = markdown.split(/\n(?:- |\n|\|)/).map((paragraph) => paragraph.replace(/\s+/g, ' '));
  const proofs = paragraphs.filter((paragraph) => PROOF.test(paragraph.slice(0, 40)));
  const titles = proofs.flatMap((proof) => captured(proof, QUOTED));
  const scenarios = proofs.flatMap((proof) =>
    captured(proof, SCENARIOS).flatMap((behind) => captured(behind.replace(QUOTED, ''), CODE)),
  );
  return { titles, scenarios };
}

/** Whether a test's source may carry this title; a part that is left out stands for anything on the same line. */
export function hasTitle(source: string, title: string): boolean {
  const parts = title.split(LEFT_OUT).map((part) => part.trim());
  const pattern = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^\\n]*');
  return new RegExp(pattern).test(source);
}

function captured(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, group = '']) => group);
}
