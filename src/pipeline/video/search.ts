import { normaliseAngle } from '../../networks/geometry.ts';
import type { Box, PictureSize, Region } from '../../networks/geometry.ts';
import { findBodies, findPoses } from '../detection.ts';
import { detectionSquares } from '../squares.ts';
import type { Networks } from '../networks.ts';
import { isUsable, regionOfBox } from '../region.ts';
import { Resizing } from './resizing.ts';

/**
 * Lower than MediaPipe's .5: false people are told apart by the landmark model's
 * peaks afterwards, missed ones are lost.
 */
const MIN_POSE_SCORE = 0.2;
/**
 * The same as long as NanoDet is not there, which sees those who show no face. Someone walking beside
 * another, seen from the side, had .11 to .19 from the pose detector; where one person was alone it had
 * nothing else over .02.
 */
const MIN_POSE_SCORE_ALONE = 0.08;
/** Of bodies at least so sure a frame has few that are none. */
const BODIES = { minScore: 0.3, maxIou: 0.6 };
/**
 * Regions closer than this, in their larger side, of about one size and angle are one. Twice as wide saves a
 * tenth of the landmark runs and finds fewer people (.02 of those annotated); half as wide finds no more.
 */
const NEAR = { centre: 0.05, size: 0.85, angle: 0.3 };

/** How a search is done. */
export interface SearchOptions {
  /** What of the frame is searched. */
  searched: Box;
  /** Whether bodies are seen, by NanoDet, which may be on its way. */
  hasBodies: boolean;
}

/** Regions in which the landmark model may find someone in a frame of a video, the surest first. */
export async function findCandidates(networks: Networks, options: SearchOptions): Promise<Region[]> {
  const steps = searching(networks, options);
  for (;;) {
    const { done, value } = await steps.next(networks);
    if (done) return value;
  }
}

/**
 * {@link findCandidates} in the idle time between frames, a detector at a time. What it
 * finds is for the frame after the last.
 */
export class SearchInSteps {
  #underWay: { steps: Search; size: PictureSize } | undefined;
  #found: { places: Region[]; size: PictureSize } | undefined;

  /** Whether a search has begun and is not over, for which its picture is needed. */
  get isUnderWay(): boolean {
    return this.#underWay !== undefined;
  }

  /** Whether a search is over whose places nobody has looked at. */
  get isOver(): boolean {
    return this.#found !== undefined;
  }

  /**
   * Runs one detector: a new search's first, or the next one. A search whose step fails is given up, and so
   * is one that began in a picture of another size.
   */
  async step(networks: Networks, picture: PictureSize, options: SearchOptions): Promise<void> {
    const before = this.#underWay;
    this.#underWay = undefined;
    const isOfOneSize = before && !Resizing.between(before.size, picture);
    const search = isOfOneSize ? before : { steps: searching(networks, options), size: picture };
    const { done, value } = await search.steps.next(networks);
    if (done) this.#found = { places: value, size: picture };
    else this.#underWay = search;
  }

  /**
   * Where the last search has found someone, in the pixels of a picture of
   * that size; `undefined` where none is over.
   */
  found(picture: PictureSize): Region[] | undefined {
    const found = this.#found;
    const resizing = found && Resizing.between(found.size, picture);
    return resizing ? found.places.map((place) => resizing.region(place)) : found?.places;
  }

  /**
   * What the last search has found was looked at.
   * @param rest but for these places, in a picture of that size
   */
  forget(rest: Region[] = [], size?: PictureSize): void {
    this.#found = size && rest.length > 0 ? { places: rest, size } : undefined;
  }

  /** Gives up the search that is under way. */
  stop(): void {
    this.#underWay = undefined;
  }
}

/** Gives where someone may be; told between two detectors what the next one is to look with. */
type Search = AsyncGenerator<undefined, Region[], Networks>;

/**
 * {@link findCandidates}, one detector after the other: for those who have
 * time for one now and for the next later.
 * @yields between the two
 */
async function* searching(networks: Networks, { searched, hasBodies }: SearchOptions): Search {
  const squares = detectionSquares(searched);
  const { found } = await findPoses(networks, squares, hasBodies ? MIN_POSE_SCORE : MIN_POSE_SCORE_ALONE);
  if (hasBodies) {
    const later = yield;
    const bodies = await findBodies(later, squares, BODIES);
    found.push(...bodies.found.map((body) => ({ region: regionOfBox(body), score: body.score })));
  }
  const places: Region[] = [];
  for (const { region } of found.toSorted((a, b) => b.score - a.score)) {
    if (isUsable(region) && !places.some((place) => isNear(place, region))) places.push(region);
  }
  return places;
}

function isNear(a: Region, b: Region): boolean {
  const size = Math.max(a.size, b.size);
  return (
    Math.hypot(a.centreX - b.centreX, a.centreY - b.centreY) < NEAR.centre * size &&
    Math.min(a.size, b.size) > NEAR.size * size &&
    Math.abs(normaliseAngle(a.rotation - b.rotation)) < NEAR.angle
  );
}
