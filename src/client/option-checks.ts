import { BodyAnalysisError, inWords } from '../schema/errors.ts';
import { isKind } from '../source/kinds.ts';
import { baseUrl } from './environment.ts';

/**
 * A signal of any window: where it is none, there would be nothing to listen to.
 * @throws BodyAnalysisError `invalid-option`
 */
export function checkSignal(signal: unknown): asserts signal is AbortSignal | undefined {
  if (signal !== undefined && !isKind(signal, 'AbortSignal')) {
    throw invalid('options.signal must be an AbortSignal.');
  }
}

/** @throws BodyAnalysisError `invalid-option` */
export function checkIsObject(options: unknown, name = 'options'): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalid(`${name} must be an object, not ${inWords(options)}.`);
  }
}

/**
 * An address that an option gives, which may be relative.
 * @throws BodyAnalysisError `invalid-option`
 */
export function resolveUrl(name: string, url: string | URL): URL {
  try {
    return new URL(url, baseUrl());
  } catch (cause) {
    throw invalid(`options.${name} must be a URL, not ${inWords(url)}.`, cause);
  }
}

/** The same address with a slash at its end, so that names can be put behind it. */
export function asFolder(url: URL): URL {
  const folder = new URL(url);
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  return folder;
}

/** The error for an option that cannot be so. */
export function invalid(message: string, cause?: unknown): BodyAnalysisError {
  return new BodyAnalysisError('invalid-option', message, cause);
}
