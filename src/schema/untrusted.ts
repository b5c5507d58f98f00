/**
 * Looking at JSON data of unknown origin: each function gives the value back in its type, or throws what is wrong
 * with it by its path.
 */
import { BodyAnalysisError } from './errors.ts';

/** Any JSON object. */
export function record(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw wrong(path, 'an object', value);
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An array, of `count` items where that is given, each made by `item`. */
export function list<T>(
  value: unknown,
  path: string,
  item: (value: unknown, path: string) => T,
  count?: number,
): T[] {
  if (!Array.isArray(value)) throw wrong(path, 'an array', value);
  if (count !== undefined && value.length !== count) {
    throw invalid(`${path} must have ${count} items, not ${value.length}.`);
  }
  // Not map(), which would skip the holes of a sparse array.
  return Array.from(value, (each: unknown, index) => item(each, `${path}[${index}]`));
}

/** A number that is neither infinite nor NaN. */
export function finite(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(path, 'a finite number', value);
  return value;
}

/** A finite number from 0. */
export function size(value: unknown, path: string): number {
  const number = finite(value, path);
  if (number < 0) throw wrong(path, 'at least 0', value);
  return number;
}

/** An integer from 0 to 2^32 - 1. */
export function uint32(value: unknown, path: string): number {
  if (!isInteger(value, 2 ** 32 - 1)) throw wrong(path, 'an integer from 0 to 2^32 - 1', value);
  return value;
}

/** An unsigned 64-bit number as its decimal digits, from a string or a number. */
export function uint64Digits(value: unknown, path: string): string {
  if (typeof value === 'string' && /^[0-9]{1,20}$/.test(value)) return value;
  if (isInteger(value, 2 ** 64)) return String(value);
  throw wrong(path, 'an unsigned 64-bit number in decimal digits', value);
}

function isInteger(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
}

/** The error of a field that is not what it must be. */
export function wrong(path: string, rule: string, value: unknown): BodyAnalysisError {
  return invalid(
    `${path} must be ${rule}, ${value === undefined ? 'and is missing' : `not ${show(value)}`}.`,
  );
}

/** The error for data that is no result. */
export function invalid(message: string): BodyAnalysisError {
  return new BodyAnalysisError('invalid-result', message);
}

/** A value in a few characters: it comes from anywhere, and may be megabytes. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
