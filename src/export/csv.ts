import { BODY_PARTS } from '../schema/body-parts.ts';
import type { ImageResult } from './image-result.ts';

const HEADER =
  'image_id,person_index,part,x,y,score,person_score,person_left,person_top,person_width,person_height';

/**
 * The people of many pictures as CSV (RFC 4180: commas, CRLF, a header): one row for each person
 * and part, in pixels and scores as in the result. `person_index` counts from 0, as in
 * `person_info`. A picture with nobody has no row.
 *
 * An `image_id` that a spreadsheet would run as a formula (`=…`, `+…`,
 * `-…`, `@…`) gets an apostrophe before it.
 */
export function toCsv(results: Iterable<ImageResult>): string {
  const rows = [HEADER];
  for (const { image_id, result } of results) {
    const id = typeof image_id === 'number' ? String(image_id) : textCell(image_id);
    for (const [index, { body_parts, location }] of result.person_info.entries()) {
      const { left, top, width, height, score: personScore } = location;
      for (const part of BODY_PARTS) {
        const { x, y, score } = body_parts[part];
        rows.push([id, index, part, x, y, score, personScore, left, top, width, height].join(','));
      }
    }
  }
  return `${rows.join('\r\n')}\r\n`;
}

/** Spreadsheets take their wide forms, as East Asian keyboards type them, for the same signs. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

function textCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  // More than RFC 4180 asks to be quoted: some spreadsheets also split at semicolons and tabs.
  return /^[\w. -]*$/.test(safe) ? safe : `"${safe.replaceAll('"', '""')}"`;
}
