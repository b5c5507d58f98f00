import { frozen } from '../schema/frozen.ts';
import type { PersonInfo } from '../schema/result.ts';
import type { BodySide, DrawOptions } from './style.ts';

/**
 * Okabe and Ito's palette without its black, lightened for photographs; then two times as many that differ
 * from one another and from those by lightness and strength as well as by hue, for colour-blind people too.
 * The dark ones among them are drawn with a light rim.
 */
export const PERSON_COLORS: readonly string[] = /* #__PURE__ */ frozen([
  '#ffb000',
  '#3fb4ff',
  '#00d1a0',
  '#ff7043',
  '#e38cc9',
  '#f0e442',
  '#8c9eff',
  '#c6ff5e',
  '#9c00b4',
  '#cc0000',
  '#b454fc',
  '#247890',
  '#6c18f0',
  '#f00cb4',
  '#0ce4fc',
  '#786048',
  '#7878c0',
  '#9c9c78',
  '#b46c54',
  '#54a800',
  '#c03c78',
  '#9cfccc',
  '#a8d878',
  '#fcb4d8',
]);

/** Blue and orange, which colour-blind people can tell apart, and white between them. */
export const SIDE_COLORS: Readonly<Record<BodySide, string>> = /* #__PURE__ */ frozen({
  left: '#3fb4ff',
  right: '#ffb000',
  middle: '#ffffff',
});

/** The colour of the person at `index`. */
export function personColor(index: number, colors: readonly string[] = PERSON_COLORS): string {
  return colors[index % colors.length] ?? '#fff';
}

/**
 * What a person's colour and number go by: who is followed through a video
 * keeps both, whoever else comes and goes.
 */
export function place(person: PersonInfo, index: number): number {
  return 'track_id' in person && typeof person.track_id === 'number' ? person.track_id - 1 : index;
}

/**
 * Everyone's colour, as {@link DrawOptions.colors} says: for a legend, or a list beside the picture.
 * @param people of a result
 * @param colors as given to what draws them
 */
export function personColors(people: readonly PersonInfo[], colors?: DrawOptions['colors']): string[] {
  if (typeof colors === 'function') return people.map(colors);
  const palette = colors ?? PERSON_COLORS;
  const given: string[] = [];
  for (const [index, person] of people.entries()) {
    const taken = new Set(given.filter((_, other) => overlap(person, people[other])));
    const own = place(person, index);
    const choices = palette.map((_, step) => personColor(own + step, palette));
    given.push(choices.find((color) => !taken.has(color)) ?? personColor(own, palette));
  }
  return given;
}

function overlap({ location: a }: PersonInfo, other: PersonInfo | undefined): boolean {
  if (!other) return false;
  const b = other.location;
  const isAcross = a.left < b.left + b.width && b.left < a.left + a.width;
  return isAcross && a.top < b.top + b.height && b.top < a.top + a.height;
}

/**
 * How light a colour looks: 0 is black, 1 white.
 * @param color `#rgb` or `#rrggbb`; any other counts as light, as most colours that are drawn with are
 */
export function luminance(color: string): number {
  const [red, green, blue] = channels(color);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Linear, `0 … 1`. */
function channels(color: string): [number, number, number] {
  const digits = /^#(?:[\da-f]{3}){1,2}$/i.test(color) ? color.slice(1) : 'fff';
  const length = digits.length / 3;
  const [red = 1, green = 1, blue = 1] = [0, 1, 2].map((at) => {
    const channel = digits.slice(at * length, (at + 1) * length);
    const value = Number.parseInt(length === 1 ? channel + channel : channel, 16) / 255;
    // sRGB's curve (IEC 61966-2-1).
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return [red, green, blue];
}
