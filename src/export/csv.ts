import { BODY_PARTS } from '../schema/body-parts.ts';
import type { PersonInfo } from '../schema/result.ts';
import type { ImageResult } from './image-result.ts';

const HEADER =
  'image_id,person_index,part,x,y,score,person_score,person_left,person_top,person_width,person_height';

/**
 * The people of many pictures as CSV (RFC 4180: commas, CRLF, a header): one row for each person
 * and part, in pixels and scores as in the result. `person_index` counts from 0, as in
 * `person_info`. A picture with nobody has no row.
 *
 * Where people were followed through a video, a last column has their `track_id`: `person_index` says only
 * which of a frame's people a row is about.
 *
 * An `image_id` that a spreadsheet would run as a formula (`=…`, `+…`,
 * `-…`, `@…`) gets an apostrophe before it.
 */
export function toCsv(results: Iterable<ImageResult>): string {
  const all = [...results];
  const isTracked = all.some(({ result }) => result.person_info.some((person) => 'track_id' in person));
  const rows = [isTracked ? `${HEADER},track_id` : HEADER];
  for (const { image_id, result } of all) {
    const id = typeof image_id === 'number' ? String(image_id) : textCell(image_id);
    for (const [index, person] of result.person_info.entries()) {
      const { body_parts, location } = person;
      const track = isTracked ? [trackIdOf(person)] : [];
      const { left, top, width, height, score: personScore } = location;
      for (const part of BODY_PARTS) {
        const { x, y, score } = body_parts[part];
        const cells = [id, index, part, x, y, score, personScore, left, top, width, height, ...track];
        rows.push(cells.join(','));
      }
    }
  }
  return `${rows.join('\r\n')}\r\n`;
}

/** Empty for who was not followed. */
function trackIdOf(person: PersonInfo): number | '' {
  return 'track_id' in person && typeof person.track_id === 'number' ? person.track_id : '';
}

/** Spreadsheets take their wide forms, as East Asian keyboards type them, for the same signs. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

function textCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  // More than RFC 4180 asks to be quoted: some spreadsheets also split at semicolons and tabs.
  return /^[\w. -]*$/.test(safe) ? safe : `"${safe.replaceAll('"', '""')}"`;
}
