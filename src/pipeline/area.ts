import { boxIou, clipToPicture, overlap } from '../networks/geometry.ts';
import type { Box, PictureSize } from '../networks/geometry.ts';
import { BodyAnalysisError } from '../schema/errors.ts';
import type { PictureRegion, SeenPerson } from '../schema/picture-region.ts';

/** What of a picture is looked at, and who of those found there is wanted. All in the picture's pixels. */
export interface Area {
  /** What is wanted, with a margin, as far as the picture has it. */
  searched: Box;
  /** Someone who was seen there before, and who alone is wanted. */
  person?: SeenPerson;
  /** Whether a body that a detector has seen may be of someone wanted. */
  mayHave(body: Box): boolean;
  /** Whether a body reaches the edge of what is searched where the picture goes on: the rest is not seen. */
  cuts(body: Box): boolean;
  /**
   * Whether someone who was wanted and is there now still is: at the edge nobody comes and goes.
   * @param locationOf tells where they are; not asked where everyone is wanted
   */
  keeps(locationOf: () => Box): boolean;
  /** Those of the people found who are wanted, by where each is. */
  wanted<Found>(found: readonly Found[], locationOf: (each: Found) => Box): readonly Found[];
}

/**
 * The detectors look so much further on every side, in the rectangle's longer side: people at its edge are
 * not to be cut off by it, and a detector is at its best where there is something around a body.
 */
const MARGIN = 0.25;
/**
 * They look at no less than this, in pixels along the rectangle's longer side: a few pixels enlarged to a
 * detector's input show nobody. Of twelve people under 90 pixels, each in a tight rectangle, eleven were
 * found without this and twelve with it; of larger ones as many.
 */
const LEAST_SEARCHED = 160;
/** A body that is not seen whole may lie so much further out of the rectangle, in its longer side. */
const SLACK = 0.25;
/** Someone followed has left the rectangle when their middle is so far outside, in their longer side. */
const LEAVING = 0.1;
/** Boxes agree by so much (IoU) where they are of one person. */
const SAME_PERSON = 0.3;
/**
 * Bodies that agree less (IoU) with the box of someone seen before are not of that person. Of 105 people 103
 * are placed as before, mostly to the last digit; with .2 fewer are, and hardly a body less is looked at.
 */
const NEARBY = 0.1;
/** Nearer than this to an edge, in the searched area's longer side, a body reaches it. */
const AT_EDGE = 0.01;

/** The whole of a picture. */
export function wholeOf({ width, height }: Pick<PictureSize, 'width' | 'height'>): Box {
  return { left: 0, top: 0, width, height };
}

/**
 * What of a picture is looked at: all of it where no region is wanted.
 * @param region in pixels of the picture as it was handed in
 * @throws BodyAnalysisError `invalid-option` where the region lies outside of the picture
 */
export function areaOf(picture: PictureSize, region: PictureRegion | undefined): Area {
  const whole = wholeOf(picture);
  if (!region) return { searched: whole, mayHave: yes, cuts: no, keeps: yes, wanted: (found) => found };
  const { originalWidth, originalHeight } = picture;
  const [scaleX, scaleY] = [picture.width / originalWidth, picture.height / originalHeight];
  const { left, top, width, height } = 'location' in region ? region.location : region;
  const asked = { left: left * scaleX, top: top * scaleY, width: width * scaleX, height: height * scaleY };
  if (overlap(asked, whole) === 0) {
    throw new BodyAnalysisError(
      'invalid-option',
      `options.region lies outside of the picture, which is ${originalWidth} × ${originalHeight} px.`,
    );
  }
  if ('location' in region) {
    return {
      searched: clipToPicture(asked, picture),
      person: region,
      mayHave: (body) => boxIou(clipToPicture(body, picture), asked) > NEARBY,
      cuts: no,
      keeps: yes,
      wanted: (found, locationOf) => {
        const agreement = found.map((each) => boxIou(locationOf(each), asked));
        const best = agreement.indexOf(Math.max(...agreement, SAME_PERSON));
        return best < 0 ? [] : found.slice(best, best + 1);
      },
    };
  }
  const longer = longerSide(asked);
  const margin = Math.max(MARGIN * longer, (LEAST_SEARCHED - longer) / 2);
  const searched = clipToPicture(grown(asked, margin), picture);
  return {
    searched,
    mayHave: (body) => {
      const shown = clipToPicture(body, picture);
      return hasCentre(grown(asked, SLACK * longerSide(shown)), shown);
    },
    cuts: (body) => isCut(body, searched, whole),
    keeps: (locationOf) => {
      const location = locationOf();
      return hasCentre(grown(asked, LEAVING * longerSide(location)), location);
    },
    wanted: (found, locationOf) => found.filter((each) => hasCentre(asked, locationOf(each))),
  };
}

const yes = () => true;
const no = () => false;

/** The longer side of a box. */
export function longerSide({ width, height }: Box): number {
  return Math.max(width, height);
}

function grown({ left, top, width, height }: Box, by: number): Box {
  return { left: left - by, top: top - by, width: width + 2 * by, height: height + 2 * by };
}

/** Whether a box's middle lies in another: of two that lie side by side it is in one. */
function hasCentre(of: Box, { left, top, width, height }: Box): boolean {
  const [x, y] = [left + width / 2 - of.left, top + height / 2 - of.top];
  return x >= 0 && y >= 0 && x < of.width && y < of.height;
}

function isCut(body: Box, searched: Box, whole: Box): boolean {
  const near = AT_EDGE * longerSide(searched);
  const reach = sidesOf(body);
  const edges = sidesOf(searched);
  return sidesOf(whole).some((end, side) => {
    const edge = edges[side] ?? end;
    return edge < end && (reach[side] ?? edge) > edge - near;
  });
}

/** How far a box reaches to the left, up, to the right and down. */
function sidesOf({ left, top, width, height }: Box): number[] {
  return [-left, -top, left + width, top + height];
}
