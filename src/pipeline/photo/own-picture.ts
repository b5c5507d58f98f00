import { BLAZEPOSE, isPlausible } from '../../networks/blazepose.ts';
import type { Landmark, Pose } from '../../networks/blazepose.ts';
import { boxAround, boxIou } from '../../networks/geometry.ts';
import type { Box } from '../../networks/geometry.ts';
import { BODY_PARTS } from '../../schema/body-parts.ts';
import type { BodyPart } from '../../schema/body-parts.ts';
import type { PersonInfo } from '../../schema/result.ts';
import { personInfo } from '../answer.ts';
import { areaOf } from '../area.ts';
import type { Area } from '../area.ts';
import { MAX_BODIES } from '../detection.ts';
import type { SearchedSquare } from '../detection.ts';
import { posesIn } from '../landmark-pass.ts';
import type { Networks } from '../networks.ts';
import { personOfPose } from '../parts.ts';
import type { Person } from '../person.ts';
import { isUsable, regionOfBox } from '../region.ts';
import { scoreFor } from '../scores.ts';
import { detectionSquares } from '../squares.ts';
import type { Photo, PhotoAnalysis, PhotoOptions } from './analysis.ts';
import { cornersOf } from './explanation.ts';
import { regionOfPoints } from './hypotheses.ts';
import { ownPosesIn, squareFor, withOwnParts } from './own-landmarks.ts';
import type { OwnLandmarks, OwnPose } from './own-landmarks.ts';

/** Of people whose boxes overlap by more (IoU) the surest stays: what YOLO-pose is exported with. */
const MAX_IOU = 0.7;
/** Around someone of an earlier answer, in the sides of their box. */
const ROOM = 1.25;

/** Someone whom the network has seen. */
interface Sighting {
  own: OwnPose;
  box: Box;
}

/**
 * Everyone in a photo, where a network of the app's own finds people itself. BlazePose looks at each for the
 * parts that the network has not, and for extras; where its numbers are no body's, these parts have the score
 * 0.
 * @throws BodyAnalysisError `invalid-option` where the region lies outside of the photo
 */
export async function analyseWithOwnPeople(
  own: OwnLandmarks,
  networks: Networks,
  picture: Photo,
  { onStep = () => {}, onPerson, region, maxPersons = Infinity, ...answer }: PhotoOptions,
): Promise<PhotoAnalysis> {
  const area = areaOf(picture, region);
  // What it is fed is known once it is there.
  await networks.have(own.network);
  const { sightings, squares } = await search(own, networks, area, (done, total) =>
    onStep('detect', done, total),
  );
  const wanted = area.wanted(sightings, ({ box }) => box).slice(0, maxPersons);
  const runner = { networks, landmarks: BLAZEPOSE[answer.model] };
  const withMask = answer.extras?.includes('mask') ?? false;
  const people: PersonInfo[] = [];
  const looks: { pose: Pose; seen: Person | undefined; score: number }[] = [];
  onStep('refine', 0, wanted.length);
  for (const sighting of wanted) {
    const [pose] = await posesIn(runner, [landmarkRegionOf(sighting)], withMask);
    if (!pose) throw new RangeError(`${runner.landmarks.file} has given nothing`);
    const seen = isPlausible(pose) ? personOfPose(pose) : undefined;
    const person = personOf(sighting, pose, seen);
    looks.push({ pose, seen, score: person.score });
    const info = personInfo(person, picture, answer);
    people.push(info);
    onPerson?.({ number: people.length, person: info });
    onStep('refine', people.length, wanted.length);
  }
  return {
    people,
    explanation: {
      squares: squares.map(({ detector, square, found }) => ({
        detector,
        corners: cornersOf(square, picture),
        found,
      })),
      regions: looks.map(({ pose, seen }, person) => ({
        network: 'blazepose',
        origin: 'points',
        corners: cornersOf(pose.region, picture),
        presence: seen ? pose.presence : 0,
        score: seen?.score ?? 0,
        outcome: 'person',
        person,
      })),
      persons: looks.map(({ score }) => ({ score, passes: 1, networks: ['own', 'blazepose'] })),
    },
  };
}

/** Has the network look at all that is wanted, and gives everyone once, in falling order of score. */
async function search(
  own: OwnLandmarks,
  networks: Networks,
  area: Area,
  onRun: (done: number, total: number) => void,
): Promise<{ sightings: Sighting[]; squares: SearchedSquare[] }> {
  const { searched, person } = area;
  const [, ...pieces] = person ? [] : detectionSquares(searched);
  const squares = [
    squareFor(searched, own.format, person ? ROOM : 1),
    ...pieces.map(({ centreX, centreY, size }) =>
      squareFor({ left: centreX - size / 2, top: centreY - size / 2, width: size, height: size }, own.format),
    ),
  ];
  const looked: SearchedSquare[] = [];
  const all: Sighting[] = [];
  onRun(0, squares.length);
  for (const square of squares) {
    const [seen = []] = await ownPosesIn(own, networks, [square]);
    looked.push({ detector: 'own', square, found: seen.length });
    for (const pose of seen) {
      const box = pose.box ?? boxAround(Object.values(pose.parts));
      if (area.mayHave(box)) all.push({ own: pose, box });
    }
    onRun(looked.length, squares.length);
  }
  const sightings: Sighting[] = [];
  for (const each of all.toSorted((a, b) => b.own.score - a.own.score)) {
    if (sightings.length === MAX_BODIES) break;
    if (!sightings.some(({ box }) => boxIou(box, each.box) > MAX_IOU)) sightings.push(each);
  }
  return { sightings, squares: looked };
}

function landmarkRegionOf({ own: { parts }, box }: Sighting) {
  const byBox = regionOfBox(box);
  return regionOfPoints(parts, isUsable(byBox) ? byBox : { ...byBox, size: 1 });
}

/** @param seen what BlazePose has made of the same body */
function personOf({ own, box }: Sighting, pose: Pose, seen: Person | undefined): Person {
  const person: Person = {
    parts: seen?.parts ?? unseenParts(box),
    score: scoreFor(own.score),
    seenBy: 'both',
    box,
    pose,
    bodies: [{ ...box, score: own.score }],
  };
  return withOwnParts(person, own);
}

/** Parts that nobody has seen: in the middle of the box, with a peak that says so. */
function unseenParts({ left, top, width, height }: Box): Person['parts'] {
  const nowhere: Landmark = { x: left + width / 2, y: top + height / 2, peak: -Infinity };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- BODY_PARTS names every key of the record
  return Object.fromEntries(BODY_PARTS.map((part) => [part, nowhere])) as Record<BodyPart, Landmark>;
}
