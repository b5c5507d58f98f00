import { BODY_PARTS } from '../schema/body-parts.ts';
import { BodyAnalysisError, inWords } from '../schema/errors.ts';
import { QUALITIES } from '../schema/loading.ts';
import type { Quality } from '../schema/loading.ts';
import type { OwnNetwork } from '../schema/own-networks.ts';
import type { PictureRectangle, PictureRegion, SeenPerson } from '../schema/picture-region.ts';
import type { OwnNetworkRequest } from '../worker/protocol.ts';
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

/** @throws BodyAnalysisError `invalid-option` */
export function checkQuality(quality: Quality): void {
  if (QUALITIES.includes(quality)) return;
  throw invalid(`options.quality must be one of ${QUALITIES.join(', ')}, not ${inWords(quality)}.`);
}

/**
 * What is to be looked at, and no more of a person than that takes. Whether it lies in the picture is seen in
 * the worker.
 * @throws BodyAnalysisError `invalid-option`
 */
export function checkRegion(region: PictureRegion): PictureRegion {
  // What a program without types hands in may be anything.
  const given: unknown = region;
  if (isRectangle(given)) {
    const { left, top, width, height } = given;
    return { left, top, width, height };
  }
  if (isPerson(given)) return { location: given.location, body_parts: given.body_parts };
  throw invalid(
    `options.region must be a rectangle of left, top, width and height in pixels, the last two over 0, or a person of an answer, not ${inWords(given)}.`,
  );
}

function isRectangle(value: unknown): value is PictureRectangle {
  return (
    isOver(value, 'left') && isOver(value, 'top') && isOver(value, 'width', 0) && isOver(value, 'height', 0)
  );
}

function isPerson(value: unknown): value is SeenPerson {
  const location = of(value, 'location');
  const parts = of(value, 'body_parts');
  return (
    isRectangle(location) &&
    isOver(location, 'score') &&
    BODY_PARTS.every((part) => ['x', 'y', 'score'].every((name) => isOver(of(parts, part), name)))
  );
}

function isOver(value: unknown, name: string, least = -Infinity): boolean {
  const number = of(value, name);
  return typeof number === 'number' && number > least && number < Infinity;
}

function of(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/**
 * A network of the app's own as it can be sent to the worker, which checks the rest: who has none carries
 * nothing of it.
 * @throws BodyAnalysisError `invalid-option`
 */
export function checkLandmarks(landmarks: OwnNetwork): OwnNetworkRequest {
  const name = 'options.landmarks';
  checkIsObject(landmarks, name);
  // What a program without types hands in may be anything.
  const given: unknown = landmarks.url;
  const address = of(given, 'href') ?? given;
  if (typeof address !== 'string' || address === '')
    throw invalid(`${name}.url must be a URL, not ${inWords(given)}.`);
  const { href } = resolveUrl('landmarks.url', address);
  try {
    return structuredClone({ ...landmarks, url: href });
  } catch (cause) {
    throw invalid(`${name} must be data alone.`, cause);
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
