import type { Region } from '../../networks/geometry.ts';
import type { DebugRegion } from '../../schema/analysis.ts';
import { locate } from '../location.ts';
import type { Networks } from '../networks.ts';
import { analysePhoto } from './analysis.ts';
import type { Photo, PhotoAnalysis, PhotoOptions } from './analysis.ts';
import { cornersOf } from './explanation.ts';
import { ownPosesIn, squareFor, withOwnParts } from './own-landmarks.ts';
import type { OwnLandmarks, OwnPose } from './own-landmarks.ts';
import type { PhotoPlan } from './qualities.ts';

/** What top-down networks are trained with: so much of the box around someone is looked at, in its sides. */
const ROOM = 1.25;

/**
 * Everyone in a photo, where a network of the app's own looks at each person whom the house has found, and
 * places the points that it has. People, boxes and their scores stay the house's, whose scores mean the same
 * with any network.
 */
export async function analyseWithOwnPoses(
  own: OwnLandmarks,
  networks: Networks,
  picture: Photo,
  plan: PhotoPlan,
  options: PhotoOptions,
): Promise<PhotoAnalysis> {
  // What it is fed is known once it is there.
  await networks.have(own.network);
  const looks: { square: Region; pose: OwnPose }[] = [];
  const { people, explanation } = await analysePhoto(networks, picture, plan, {
    ...options,
    lookAgain: async (found) => {
      const squares = found.map((person) => squareFor(locate(person, picture), own.format, ROOM));
      const poses = await ownPosesIn(own, networks, squares);
      return found.map((person, index) => {
        const [square, pose] = [squares[index], poses[index]?.[0]];
        if (!square || !pose) return person;
        looks.push({ square, pose });
        return withOwnParts(person, pose);
      });
    },
  });
  const regions = looks.map(({ square, pose }, person): DebugRegion => {
    const points = Object.values(pose.parts);
    const score = points.reduce((sum, point) => sum + point.score, 0) / Math.max(1, points.length);
    return {
      network: 'own',
      origin: 'points',
      corners: cornersOf(square, picture),
      presence: pose.score,
      score,
      outcome: 'person',
      person,
    };
  });
  return {
    people,
    explanation: {
      ...explanation,
      regions: [...explanation.regions, ...regions],
      persons: explanation.persons.map((each) => ({ ...each, networks: [...each.networks, 'own'] })),
    },
  };
}
