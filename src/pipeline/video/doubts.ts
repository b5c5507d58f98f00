import type { PictureSize } from '../../networks/geometry.ts';
import type { Person } from '../person.ts';
import { isPlain } from './acceptance.ts';
import type { Track } from './track.ts';

/** Of whom the last frame showed too little to be followed by: a search may see them better. */
export class Doubts {
  #about: ReadonlySet<Track> = new Set();

  /** Whom they are about. */
  get about(): ReadonlySet<Track> {
    return this.#about;
  }

  /**
   * Takes on what a frame shows of people.
   * @param carried those who were not looked at: of them things are as they were
   * @returns whether there is somebody new in doubt
   */
  note(seen: ReadonlyMap<Track, Person>, carried: ReadonlySet<Track>, picture: PictureSize): boolean {
    const before = this.#about;
    this.#about = new Set([
      ...[...before].filter((track) => carried.has(track) && !seen.has(track)),
      ...[...seen].filter(([, person]) => !isPlain(person, picture)).map(([track]) => track),
    ]);
    return [...this.#about].some((track) => !before.has(track));
  }
}
