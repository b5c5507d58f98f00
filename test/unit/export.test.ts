import { describe, expect, test } from 'vitest';
import { toCocoKeypoints } from '../../src/export/coco.ts';
import { COCO_KEYPOINTS } from '../../src/schema/body-parts.ts';
import { toCsv } from '../../src/export/csv.ts';
import { BODY_PARTS } from '../../src/schema/body-parts.ts';
import type { BodyAnalysisResult, PersonInfo } from '../../src/schema/result.ts';

/** A person whose nth part lies at (n, n + .5); the even ones are sure. */
function person(boxScore: number): PersonInfo {
  const parts = BODY_PARTS.map((part, index) => [
    part,
    { x: index, y: index + 0.5, score: index % 2 === 0 ? 0.9 : 0.2 },
  ]);
  return {
    body_parts: Object.fromEntries(parts),
    location: { left: 1, top: 2, width: 30, height: 40.25, score: boxScore },
  };
}

const two: BodyAnalysisResult = { person_num: 2, person_info: [person(0.9), person(0.4)], log_id: '1' };
const nobody: BodyAnalysisResult = { person_num: 0, person_info: [], log_id: '2' };

describe('COCO results', () => {
  test('have COCO’s 17 keypoints in its order', () => {
    // "keypoints" of the category in COCO's person_keypoints_val2017.json
    expect(COCO_KEYPOINTS.join(' ')).toBe(
      'nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle',
    );
  });

  test('are one object a person', () => {
    const people = toCocoKeypoints([
      { image_id: 139, result: two },
      { image_id: 285, result: nobody },
      { image_id: 'c.jpg', result: two },
    ]);
    expect(people.map(({ image_id, score }) => [image_id, score])).toEqual([
      [139, 0.9],
      [139, 0.4],
      ['c.jpg', 0.9],
      ['c.jpg', 0.4],
    ]);
    const [first] = people;
    expect(first).toMatchObject({ category_id: 1, bbox: [1, 2, 30, 40.25] });
    expect(first?.keypoints).toHaveLength(51);
    for (const [index, part] of COCO_KEYPOINTS.entries()) {
      const at = BODY_PARTS.indexOf(part);
      expect(first?.keypoints.slice(3 * index, 3 * index + 3)).toEqual([at, at + 0.5, at % 2 === 0 ? 2 : 1]);
    }
  });

  test('take another threshold for what is visible', () => {
    const [first] = toCocoKeypoints([{ image_id: 1, result: two }], { keypointScore: 0.1 });
    expect(first?.keypoints.filter((_, index) => index % 3 === 2)).toEqual(
      Array.from({ length: 17 }, () => 2),
    );
  });
});

describe('CSV', () => {
  /** The cells of a file, read as RFC 4180 writes them. */
  function read(csv: string): string[][] {
    expect(csv.endsWith('\r\n')).toBe(true);
    const cells = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
    const rows: string[][] = [[]];
    let length = 0;
    for (const [whole, quoted, bare, end] of csv.matchAll(cells)) {
      length += whole.length;
      rows.at(-1)?.push(quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'));
      if (end === '\r\n') rows.push([]);
    }
    expect(length).toBe(csv.length);
    return rows.slice(0, -1);
  }

  test('has a header, and a row for each person and part', () => {
    const [header, ...rows] = read(toCsv([{ image_id: 'a.jpg', result: two }]));
    expect(header?.join()).toBe(
      'image_id,person_index,part,x,y,score,person_score,person_left,person_top,person_width,person_height',
    );
    expect(rows).toHaveLength(42);
    expect(rows[0]?.join()).toBe('a.jpg,0,top_head,0,0.5,0.9,0.9,1,2,30,40.25');
    expect(rows[41]?.join()).toBe('a.jpg,1,right_ankle,20,20.5,0.9,0.4,1,2,30,40.25');
    for (const row of rows) expect(row).toHaveLength(11);
  });

  test('of a video has a last column with everyone’s number', () => {
    const frame = (...ids: number[]) => ({
      ...two,
      person_info: ids.map((track_id) => ({ ...person(0.9), track_id })),
    });
    const [header, ...rows] = read(
      toCsv([
        { image_id: 0, result: nobody },
        { image_id: 40, result: frame(2, 7) },
        { image_id: 80, result: two },
      ]),
    );
    expect(header?.at(-1)).toBe('track_id');
    for (const row of rows) expect(row).toHaveLength(12);
    expect([0, 21, 42].map((row) => rows[row]?.at(-1))).toEqual(['2', '7', '']);
  });

  test('of nobody is the header alone', () => {
    expect(read(toCsv([{ image_id: 'a.jpg', result: nobody }]))).toHaveLength(1);
    expect(read(toCsv([]))).toHaveLength(1);
  });

  test.each(['a, b.jpg', 'say "cheese".jpg', 'two\r\nlines', 'semi;=1+1', 'tab\there', '人.jpg', ''])(
    'keeps the id %j',
    (image_id) => {
      expect(read(toCsv([{ image_id, result: two }]))[1]?.[0]).toBe(image_id);
    },
  );

  test.each(['=HYPERLINK("http://x")', '+1', '-1+cmd', '@SUM(A1)', '\t=1', '\r=1', '\uff1d1', '\uff201'])(
    'keeps the id %j from being run as a formula',
    (image_id) => {
      expect(read(toCsv([{ image_id, result: two }]))[1]?.[0]).toBe(`'${image_id}`);
    },
  );

  test('writes numbers as they are', () => {
    expect(read(toCsv([{ image_id: -7, result: two }]))[1]?.[0]).toBe('-7');
  });
});
