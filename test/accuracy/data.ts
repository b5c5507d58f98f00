/**
 * The folder of annotated photos: `gt.json`, `images/` and a scorer,
 * none of which are part of the repository.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** A point in pixels of the photo. */
export interface Point {
  x: number;
  y: number;
}

/** A box in pixels of the photo. */
export type LabelledBox = readonly [left: number, top: number, width: number, height: number];

/** A person as annotators labelled them; only the parts they looked at are there. */
export interface LabelledPerson {
  box: LabelledBox;
  /** Pixels that the person covers. */
  area: number;
  /** By the body part's name. */
  keypoints: Record<string, Point>;
  /** Seen, but not labelled: may be found or not. */
  ignored?: boolean;
  /** A crowd in one box, to be ignored likewise. */
  iscrowd?: boolean;
  /** Labelled by the face alone: nothing is said about the body. */
  face_only?: boolean;
}

/** A photo as `gt.json` lists it. */
export interface Photo {
  id: string;
  file: string;
  source: string;
  tags: string[];
  /** Whether everyone is labelled. */
  exhaustive: boolean;
  ignore?: LabelledBox[];
  ignore_polygons?: [x: number, y: number][][];
  persons: LabelledPerson[];
}

const box = { type: 'array', items: { type: 'number' }, minItems: 4, maxItems: 4 };
const point = {
  type: 'object',
  required: ['x', 'y'],
  properties: { x: { type: 'number' }, y: { type: 'number' } },
};
const person = {
  type: 'object',
  required: ['box', 'area', 'keypoints'],
  properties: {
    box,
    area: { type: 'number' },
    keypoints: { type: 'object', additionalProperties: point },
    ignored: { type: 'boolean' },
    iscrowd: { type: 'boolean' },
    face_only: { type: 'boolean' },
  },
};
const polygon = {
  type: 'array',
  items: { type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 2 },
};
const ajv = new Ajv2020();
const isPhotos = ajv.compile<Photo[]>({
  type: 'array',
  items: {
    type: 'object',
    required: ['id', 'file', 'source', 'tags', 'exhaustive', 'persons'],
    properties: {
      id: { type: 'string' },
      file: { type: 'string' },
      source: { type: 'string' },
      tags: { type: 'array', items: { type: 'string' } },
      exhaustive: { type: 'boolean' },
      ignore: { type: 'array', items: box },
      ignore_polygons: { type: 'array', items: polygon },
      persons: { type: 'array', items: person },
    },
  },
});

/** The photos that are analysed, and what tells them from others. */
export interface PhotoData {
  folder: string;
  photos: Photo[];
  /** SHA-256 of `gt.json`. */
  truth: string;
}

/**
 * Reads the list of photos.
 * @param limit the first so many only
 * @throws Error where there is none, or it is none
 */
export function readPhotos(folder: string, limit = Infinity): PhotoData {
  const file = join(resolve(folder), 'gt.json');
  if (!existsSync(file)) {
    throw new Error(
      `No annotated photos: ${file} is not there. Accuracy is measured on data that is not part of this repository; name a folder with --data DIR.`,
    );
  }
  const bytes = readFileSync(file);
  const listed: unknown = JSON.parse(bytes.toString('utf8'));
  if (!isPhotos(listed)) {
    throw new Error(
      `${file} is no list of annotated photos: ${ajv.errorsText(isPhotos.errors, { dataVar: 'gt' })}.`,
    );
  }
  return {
    folder: resolve(folder),
    photos: listed.slice(0, limit),
    truth: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** The picture's path: photos lie in `images/`, or beside `gt.json`. */
export function photoPath(data: PhotoData, photo: Photo): string {
  const inImages = join(data.folder, 'images', photo.file);
  return existsSync(inImages) ? inImages : join(data.folder, photo.file);
}

/** The people whose bodies are labelled. */
export function labelledBodies(photo: Photo): LabelledPerson[] {
  return photo.persons.filter(({ ignored, iscrowd, face_only }) => !ignored && !iscrowd && !face_only);
}
