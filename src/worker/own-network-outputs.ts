import { KEYPOINT_SETS } from '../networks/keypoint-sets.ts';
import { OWN_KINDS } from '../networks/own-kinds.ts';
import { inSizes, isShape } from '../networks/own-network.ts';
import type { OutputRole, OwnFormat } from '../networks/own-network.ts';
import { wrongShape } from '../pipeline/photo/own-landmarks.ts';
import type { FileFace, FileValue } from '../runtime/onnx/own-file.ts';
import type { Checked } from './own-network-options.ts';

/** What of the options an output is looked up by. */
type Wanted = Pick<Checked, 'kind' | 'format' | 'outputs'>;

/** An output of the file, and what it is. */
export interface FoundOutput {
  role: string;
  /** In the file. */
  name: string;
  /** Whether its planes are rows × columns × channels. */
  isInsideOut: boolean;
}

/**
 * Which of what the file gives is what; or what is wrong with it, in words that go on after the file's name.
 */
export function findOutputs(
  { kind, format, outputs: asked }: Wanted,
  { outputs }: FileFace,
): FoundOutput[] | string {
  const all = outputs
    .map(({ name, dims }) => `${name} (${dims ? inSizes(dims) : 'of unknown size'})`)
    .join(', ');
  const found: { role: string; about: OutputRole; value: FileValue }[] = [];
  for (const [place, [role, about]] of Object.entries(kind.outputs).entries()) {
    const name = asked[role];
    const byName = outputs.find((output) =>
      name === undefined ? about.names.includes(output.name) : output.name === name,
    );
    const value = byName ?? (name === undefined && about.byPlace ? outputs[place] : undefined);
    if (!value)
      return `gives ${all}, wanted: ${name === undefined ? role : `${role}, as ${name}`}; say by options.landmarks.outputs which it is`;
    found.push({ role, about, value });
  }
  // One number may be that of channels and that of columns: what is so for one output is for all.
  const planes = found.filter(({ about }) => about.isPlanes);
  const isInsideOut =
    planes.some(({ about, value }) => !fits(value, about, format)) &&
    planes.every(({ about, value }) => fits(turned(value), about, format));
  for (const { about, value } of found) {
    if (fits(isInsideOut && about.isPlanes ? turned(value) : value, about, format)) continue;
    const over = about.isPlanes ? `, over its input of ${format.width} × ${format.height} px` : '';
    return `${wrongShape(value.name, value.dims ?? [], about.shapes(format))}${over}`;
  }
  return found.map(({ role, about, value }) => ({
    role,
    name: value.name,
    isInsideOut: isInsideOut && about.isPlanes === true,
  }));
}

/**
 * Whether an output is what it should be, and planes lie over the input; what is left open is seen when it
 * has run.
 */
function fits({ dims }: FileValue, { shapes, isPlanes }: OutputRole, format: OwnFormat): boolean {
  if (!dims) return true;
  if (!isShape(dims, shapes(format))) return false;
  const [, , rows, columns] = dims;
  if (!isPlanes || rows === undefined || columns === undefined) return true;
  return rows * format.width === columns * format.height;
}

function turned({ dims, ...value }: FileValue): FileValue {
  if (dims?.length !== 4) return { ...value, dims };
  const [batch, rows, columns, channels] = dims;
  return { ...value, dims: [batch, channels, rows, columns] };
}

/**
 * For which other kind, or number of keypoints, the outputs would be right: so that who has mistaken one for
 * another is told so. Nothing where none would, or the file says too little.
 */
export function likelyOptions(checked: Checked, face: FileFace): string | undefined {
  const { keypoints } = checked.format;
  const sets = Object.entries(KEYPOINT_SETS).map(([name, names]) => [name, names.length] as const);
  const counts = [[undefined, keypoints] as const, ...sets.filter(([, count]) => count !== keypoints)];
  for (const [set, count] of counts) {
    for (const [name, kind] of Object.entries(OWN_KINDS)) {
      const found = findOutputs({ kind, format: { ...checked.format, keypoints: count }, outputs: {} }, face);
      if (typeof found === 'string' || !found.every((output) => isTelling(output, face))) continue;
      if (kind === checked.kind && set === undefined) return 'Without outputs they are found by themselves';
      const more = set === undefined ? '' : ` and keypoints: '${set}'`;
      return `Its outputs are those of kind: '${name}'${more}`;
    }
  }
  return undefined;
}

/** Whether a file says enough of an output for it to be no accident that it fits. */
function isTelling({ name }: FoundOutput, { outputs }: FileFace): boolean {
  const isNamed = Object.values(OWN_KINDS).some((kind) =>
    Object.values(kind.outputs).some(({ names }) => names.includes(name)),
  );
  const dims = outputs.find((output) => output.name === name)?.dims;
  return isNamed || dims?.slice(1).every((size) => size !== undefined) === true;
}
