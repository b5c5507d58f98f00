import { en } from './en.ts';

/** Everything that the pages' scripts say, in one language. English is the one that others are held to. */
export type Words = typeof en;

/**
 * What the page's scripts say, in the language that the page is in (`early.ts` has chosen it by now). Another
 * than English is loaded only where it is that.
 */
export const words: Words = isChinese() ? (await import('./zh.ts')).zh : en;

/** The tests run in Node, where there is no page. */
function isChinese(): boolean {
  return 'document' in globalThis && document.documentElement.lang.startsWith('zh');
}
