/**
 * Makes a clip of twelve people in a park, who walk past each other, wave and stand: cut out of rendered
 * clips whose people are known in every frame, so that these twelve are known as well.
 *
 *     npx tsx scripts/crowd-clip.ts --data ../shared/samples/video --out DIR
 *
 * writes DIR/crowd.webm and, for `npm run accuracy -- --video --data DIR`, DIR/crowd.json.
 */
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BufferTarget, EncodedPacket, EncodedVideoPacketSource, Output, WebMOutputFormat } from 'mediabunny';
import { openLibrary } from './headless.ts';

const { data, out } = parseArgs({ options: { data: { type: 'string' }, out: { type: 'string' } } }).values;
if (!data || !out) throw new Error('--data and --out are needed.');

const FPS = 30;
const SIZE = { width: 960, height: 540 };
const SECONDS = 6;
/** Of the park, enlarged to the clip's width: where it is cut off above, and how far up the ground goes. */
const PARK = { clip: 'crossing', top: 110, horizon: 195 };

/** A stretch of a clip in which someone is seen whole, to be shown again and again. */
interface Role {
  clip: string;
  person: number;
  from: number;
  to: number;
  /** Of people who go on standing where they are: to and fro, so that nothing jumps. */
  isStanding?: true;
}

const ROLES = {
  blue: { clip: 'crossing', person: 1, from: 4, to: 29 },
  yellow: { clip: 'crossing', person: 2, from: 4, to: 29 },
  striped: { clip: 'enter-leave', person: 1, from: 20, to: 44 },
  waving: { clip: 'waving', person: 1, from: 20, to: 100, isStanding: true },
  still: { clip: 'waving', person: 1, from: 0, to: 4, isStanding: true },
} as const satisfies Record<string, Role>;

/** One of the twelve. */
interface Part {
  role: keyof typeof ROLES;
  /** The middle of the feet in the first frame, as a share of the width. */
  x: number;
  /** The row that they stand on, as a share of the height. */
  ground: number;
  /** Looks, and walks, the other way. */
  isMirrored?: true;
  /** Turns the colour of the shirt, in degrees. */
  hue: number;
  /** Where in their stretch they begin, in seconds. */
  at: number;
  /** Walks so many times as fast. */
  speed?: number;
}

const CAST: readonly Part[] = [
  { role: 'yellow', x: 0.62, ground: 0.6, hue: 200, at: 0.4 },
  { role: 'still', x: 0.42, ground: 0.62, hue: 160, at: 0 },
  { role: 'striped', x: 0.16, ground: 0.63, hue: 120, at: 0.9, speed: 1.2 },
  { role: 'waving', x: 0.82, ground: 0.66, hue: 90, at: 1.2 },
  { role: 'blue', x: 0.3, ground: 0.7, hue: 0, at: 0.2, isMirrored: true, speed: 0.9 },
  { role: 'yellow', x: 0.98, ground: 0.73, hue: 0, at: 0.8, speed: 1.2 },
  { role: 'waving', x: 0.55, ground: 0.76, hue: 0, at: 0, isMirrored: true },
  { role: 'striped', x: 0.72, ground: 0.8, hue: 0, at: 0.3, isMirrored: true },
  { role: 'yellow', x: 0.08, ground: 0.83, hue: 260, at: 0.1, isMirrored: true },
  { role: 'still', x: 0.9, ground: 0.87, hue: 240, at: 0, isMirrored: true },
  { role: 'blue', x: -0.06, ground: 0.91, hue: 110, at: 0.6, speed: 1.3 },
  { role: 'striped', x: 0.45, ground: 0.95, hue: 290, at: 0.7 },
];

interface TruePoint {
  x: number;
  y: number;
  visible: boolean;
}

interface Truth {
  fps: number;
  width: number;
  height: number;
  frames: { t_ms: number; persons: { id: number; keypoints: Record<string, TruePoint> }[] }[];
}

/** What the page made. */
interface Encoded {
  frames: { data: string; type: 'key' | 'delta'; timestamp: number }[];
  config: VideoDecoderConfig;
  truth: Truth['frames'];
}

const clips = Object.fromEntries(
  [...new Set(Object.values(ROLES).map(({ clip }) => clip))].map((name) => {
    const truth: Truth = JSON.parse(readFileSync(join(data, `${name}.json`), 'utf8'));
    const url = `data:video/webm;base64,${readFileSync(join(data, `${name}.webm`)).toString('base64')}`;
    return [name, { truth, url }];
  }),
);

const library = await openLibrary({ model: 'lite', quality: 'fast', backend: 'wasm' });
try {
  library.page.on('console', (message) => console.log(message.text()));
  const given = { clips, roles: ROLES as Record<string, Role>, cast: CAST, park: PARK, size: SIZE, fps: FPS };
  const { frames, config, truth } = await library.page.evaluate(draw, { ...given, seconds: SECONDS });
  const target = new BufferTarget();
  const output = new Output({ format: new WebMOutputFormat(), target });
  const track = new EncodedVideoPacketSource('vp9');
  output.addVideoTrack(track, { frameRate: FPS });
  await output.start();
  for (const { data: bytes, type, timestamp } of frames) {
    const packet = new EncodedPacket(Buffer.from(bytes, 'base64'), type, timestamp / 1e6, 1 / FPS);
    await track.add(packet, { decoderConfig: config });
  }
  await output.finalize();
  if (!target.buffer) throw new Error('Nothing was written.');
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'crowd.webm'), Buffer.from(target.buffer));
  await writeFile(join(out, 'crowd.json'), JSON.stringify({ ...SIZE, fps: FPS, frames: truth }));
  console.log(`${frames.length} frames, ${(target.buffer.byteLength / 1e6).toFixed(2)} MB`);
} finally {
  await library.close();
}

/** Runs in the page: cuts people out, draws and encodes every frame. */
async function draw(given: {
  clips: Record<string, { truth: Truth; url: string }>;
  roles: Record<string, Role>;
  cast: readonly Part[];
  park: { clip: string; top: number; horizon: number };
  size: { width: number; height: number };
  fps: number;
  seconds: number;
}): Promise<Encoded> {
  const client = globalThis.body21Client;
  if (!client) throw new Error('no client');
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- the page is given this function alone
  const newContext = (w: number, h: number) => {
    const context = new OffscreenCanvas(w, h).getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('no canvas');
    return context;
  };
  type Points = Record<string, TruePoint>;
  /** Someone, cut out; the points and the foot are in the picture's pixels. */
  interface Cut {
    picture: ImageData;
    points: Points;
    foot: { x: number; y: number };
  }
  const BONES: readonly (readonly [string, string, number])[] = [
    ['top_head', 'neck', 0.62],
    ['left_shoulder', 'right_shoulder', 0.4],
    ['left_hip', 'right_hip', 0.45],
    ['left_shoulder', 'left_hip', 0.4],
    ['right_shoulder', 'right_hip', 0.4],
    ['left_shoulder', 'right_hip', 0.4],
    ['right_shoulder', 'left_hip', 0.4],
    ['left_shoulder', 'left_elbow', 0.33],
    ['right_shoulder', 'right_elbow', 0.33],
    ['left_elbow', 'left_wrist', 0.3],
    ['right_elbow', 'right_wrist', 0.3],
    ['left_hip', 'left_knee', 0.4],
    ['right_hip', 'right_knee', 0.4],
    ['left_knee', 'left_ankle', 0.35],
    ['right_knee', 'right_ankle', 0.35],
  ];
  const at = (points: Points, name: string): TruePoint => {
    const point = points[name];
    if (!point) throw new Error(`no ${name}`);
    return point;
  };
  const headOf = (points: Points) => {
    const [top, neck] = [at(points, 'top_head'), at(points, 'neck')];
    return Math.hypot(top.x - neck.x, top.y - neck.y);
  };

  /** Every frame of a clip. */
  const framesOf = async (url: string) => {
    const video = document.createElement('video');
    video.muted = true;
    video.src = url;
    await new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }));
    const frames: ImageData[] = [];
    for await (const { frame } of client.track(video, { everyFrame: true, keepFrame: true, maxPersons: 1 })) {
      const context = newContext(frame.displayWidth, frame.displayHeight);
      context.drawImage(frame, 0, 0);
      frame.close();
      frames.push(context.getImageData(0, 0, context.canvas.width, context.canvas.height));
    }
    return frames;
  };

  /** The scene without those who move in it: each pixel's median. */
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- as above
  const medianOf = (frames: readonly ImageData[]) => {
    const [first] = frames;
    if (!first) throw new Error('no frame');
    const median = new ImageData(first.width, first.height);
    const some = frames.filter((_, index) => index % 3 === 0);
    const values = new Uint8Array(some.length);
    for (let byte = 0; byte < median.data.length; byte++) {
      for (const [index, { data: bytes }] of some.entries()) values[index] = bytes[byte] ?? 0;
      values.sort();
      median.data[byte] = values[some.length >> 1] ?? 0;
    }
    return median;
  };

  /** What a frame shows of the person: what is near their bones, and unlike the background. */
  const cutOut = (frame: ImageData, background: ImageData | undefined, points: Points): Cut => {
    const head = headOf(points);
    const places = Object.values(points);
    const pad = 0.8 * head;
    const left = Math.max(0, Math.floor(Math.min(...places.map(({ x }) => x)) - pad));
    const top = Math.max(0, Math.floor(Math.min(...places.map(({ y }) => y)) - 0.3 * head));
    const right = Math.min(frame.width, Math.ceil(Math.max(...places.map(({ x }) => x)) + pad));
    const ankles = [at(points, 'left_ankle'), at(points, 'right_ankle')] as const;
    const bottom = Math.min(frame.height, Math.ceil(Math.max(ankles[0].y, ankles[1].y) + 0.55 * head));
    const [width, height] = [right - left, bottom - top];
    const picture = new ImageData(width, height);
    const feet = ankles.map((ankle) => ({ x: ankle.x, y: ankle.y + 0.15 * head }));
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const [x, y] = [left + column, top + row];
        const from = 4 * (y * frame.width + x);
        const to = 4 * (row * width + column);
        const color = [0, 1, 2].map((channel) => frame.data[from + channel] ?? 0);
        for (const [channel, value] of color.entries()) picture.data[to + channel] = value;
        let near = feet.some((foot) => Math.hypot((x - foot.x) / 1.3, y - foot.y) < 0.45 * head);
        for (const [a, b, reach] of BONES) {
          if (near) break;
          const [p, q] = [at(points, a), at(points, b)];
          const [dx, dy] = [q.x - p.x, q.y - p.y];
          const along = Math.min(
            1.15,
            Math.max(-0.1, ((x - p.x) * dx + (y - p.y) * dy) / (dx * dx + dy * dy || 1)),
          );
          const hand = b.endsWith('wrist') && along > 0.9 ? 0.25 : 0;
          near = Math.hypot(x - p.x - along * dx, y - p.y - along * dy) < (reach + hand) * head;
        }
        if (!near) continue;
        const other = background
          ? Math.hypot(...color.map((value, channel) => value - (background.data[from + channel] ?? 0)))
          : 255;
        picture.data[to + 3] = 255 * Math.min(1, Math.max(0, (other - 14) / 22));
      }
    }
    return {
      picture: closed(picture),
      points: Object.fromEntries(
        Object.entries(points).map(([name, { x, y, visible }]) => [
          name,
          { x: x - left, y: y - top, visible },
        ]),
      ),
      foot: {
        x: (at(points, 'left_hip').x + at(points, 'right_hip').x) / 2 - left,
        y: Math.max(ankles[0].y, ankles[1].y) - top,
      },
    };
  };

  /** Small holes and specks away: the median of each pixel's surroundings. */
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- as above
  const closed = (picture: ImageData) => {
    const { width, height } = picture;
    const alpha = Float32Array.from(
      { length: width * height },
      (_, index) => picture.data[4 * index + 3] ?? 0,
    );
    const around: number[] = [];
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        around.length = 0;
        for (let dy = -2; dy <= 2; dy++) {
          for (let dx = -2; dx <= 2; dx++) {
            const [x, y] = [column + dx, row + dy];
            around.push(x < 0 || y < 0 || x >= width || y >= height ? 0 : (alpha[y * width + x] ?? 0));
          }
        }
        around.sort((a, b) => a - b);
        picture.data[4 * (row * width + column) + 3] = around[12] ?? 0;
      }
    }
    return picture;
  };

  /** What of a picture the library takes for the person. */
  const outlined = async (cut: Cut, frame: ImageData, points: Points) => {
    const context = newContext(frame.width, frame.height);
    context.putImageData(frame, 0, 0);
    const { person_info } = await client.bodyAnalysis(context.canvas, { extras: ['mask'], quality: 'best' });
    const counts = person_info[0]?.extras?.mask?.counts;
    if (!counts) throw new Error('no mask');
    const left = at(points, 'nose').x - at(cut.points, 'nose').x;
    const top = at(points, 'nose').y - at(cut.points, 'nose').y;
    const { picture } = cut;
    const inside = new Uint8Array(frame.width * frame.height);
    let pixel = 0;
    for (const [run, count] of counts.entries()) {
      // Background and person by turns, column by column.
      if (run % 2 === 1) inside.fill(1, pixel, pixel + count);
      pixel += count;
    }
    for (let row = 0; row < picture.height; row++) {
      for (let column = 0; column < picture.width; column++) {
        if (!inside[(column + left) * frame.height + row + top])
          picture.data[4 * (row * picture.width + column) + 3] = 0;
      }
    }
    return { ...cut, picture: closed(picture) };
  };

  /** Turns the colours of what is strongly coloured above the hips, and not skin. */
  const dyed = ({ picture, points, foot }: Cut, degrees: number): Cut => {
    const turned = new ImageData(new Uint8ClampedArray(picture.data), picture.width, picture.height);
    const hips = Math.max(at(points, 'left_hip').y, at(points, 'right_hip').y) + 0.25 * headOf(points);
    const neck = at(points, 'neck').y - 0.1 * headOf(points);
    for (let pixel = 0; pixel < turned.width * turned.height; pixel++) {
      const row = Math.floor(pixel / turned.width);
      if (row > hips || row < neck) continue;
      const [r = 0, g = 0, b = 0] = turned.data.subarray(4 * pixel, 4 * pixel + 3);
      const [max, min] = [Math.max(r, g, b), Math.min(r, g, b)];
      const chroma = max - min;
      if (chroma < 45) continue;
      const sector =
        max === r ? ((g - b) / chroma + 6) % 6 : max === g ? (b - r) / chroma + 2 : (r - g) / chroma + 4;
      // Skin is orange, darker than a yellow shirt.
      if (sector < 0.72) continue;
      const hue = (sector * 60 + degrees) % 360;
      const f = (n: number) => {
        const k = (n + hue / 60) % 6;
        return max - chroma * Math.max(0, Math.min(k, 4 - k, 1));
      };
      turned.data.set([f(5), f(3), f(1)], 4 * pixel);
    }
    return { picture: turned, points, foot };
  };

  const backgrounds: Record<string, ImageData> = {};
  const cuts: Record<string, { cuts: Cut[]; fps: number; step: number; head: number }> = {};
  for (const [name, { truth, url }] of Object.entries(given.clips)) {
    const frames = await framesOf(url);
    const background = medianOf(frames);
    backgrounds[name] = background;
    for (const [role, { clip, person, from, to, isStanding }] of Object.entries(given.roles)) {
      if (clip !== name) continue;
      const pointsAt = (frame: number) => {
        const points = truth.frames[frame]?.persons.find(({ id }) => id === person)?.keypoints;
        if (!points) throw new Error(`nobody in frame ${frame} of ${name}`);
        return points;
      };
      const footAt = (frame: number) => {
        const points = pointsAt(frame);
        return (at(points, 'left_hip').x + at(points, 'right_hip').x) / 2;
      };
      let [first, last] = [from, to];
      if (!isStanding) {
        // The two frames of the stretch that are most alike, a whole cycle apart.
        let least = Infinity;
        for (let a = from; a < to; a++) {
          for (let b = a + 10; b <= to; b++) {
            const [p, q] = [pointsAt(a), pointsAt(b)];
            const away = ['left_ankle', 'right_ankle', 'left_knee', 'right_knee', 'left_wrist', 'right_wrist']
              .map((part) => Math.abs(at(p, part).x - footAt(a) - at(q, part).x + footAt(b)))
              .reduce((sum, each) => sum + each, 0);
            if (away < least) [least, first, last] = [away, a, b];
          }
        }
      }
      const made: Cut[] = [];
      for (let frame = first; frame < last; frame++) {
        const shown = frames[frame];
        if (!shown) continue;
        const points = pointsAt(frame);
        const cut = cutOut(shown, isStanding ? undefined : background, points);
        made.push(isStanding ? await outlined(cut, shown, points) : cut);
      }
      const heights = made.map(({ points, foot }) => foot.y - at(points, 'top_head').y);
      const step = (footAt(last) - footAt(first)) / (last - first);
      const head = heights.reduce((sum, each) => sum + each, 0) / heights.length;
      console.log(role, first, last, step.toFixed(2), head.toFixed(0));
      cuts[role] = { cuts: made, fps: truth.fps, step, head };
    }
  }

  const { width, height } = given.size;
  const scene = newContext(width, height);
  scene.imageSmoothingQuality = 'high';
  const plate = newContext(width, height);
  plate.imageSmoothingQuality = 'high';
  const park = backgrounds[given.park.clip];
  if (!park) throw new Error('no park');
  const parkContext = newContext(park.width, park.height);
  parkContext.putImageData(park, 0, 0);
  const enlarged = width / park.width;
  plate.drawImage(parkContext.canvas, 0, -given.park.top, width, park.height * enlarged);

  const people = given.cast.map((part, index) => {
    const role = cuts[part.role];
    const kind = given.roles[part.role];
    if (!role || !kind) throw new Error(`no ${part.role}`);
    const drawn = role.cuts.map((cut) => {
      const { picture, points, foot } = part.hue ? dyed(cut, part.hue) : cut;
      const context = newContext(picture.width, picture.height);
      context.putImageData(picture, 0, 0);
      return { canvas: context.canvas, picture, points, foot };
    });
    const ground = part.ground * height;
    // As tall as whoever stands there, seen from the height of their eyes.
    const scale = (1.02 * (ground - given.park.horizon)) / role.head;
    return { id: index + 1, part, kind, role, drawn, ground, scale };
  });

  const clip = newContext(width, height);
  const frames: Encoded['frames'] = [];
  const truth: Encoded['truth'] = [];
  let config: VideoDecoderConfig | undefined;
  const encoder = new VideoEncoder({
    output: (chunk, metadata) => {
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      const encoded = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
      frames.push({ data: encoded, type: chunk.type, timestamp: chunk.timestamp });
      config ??= metadata?.decoderConfig && {
        codec: metadata.decoderConfig.codec,
        codedWidth: width,
        codedHeight: height,
      };
    },
    error: (error) => reportError(error),
  });
  encoder.configure({ codec: 'vp09.00.31.08', width, height, bitrate: 1_150_000, framerate: given.fps });

  for (let frame = 0; frame < given.seconds * given.fps; frame++) {
    const seconds = frame / given.fps;
    const shown = people.map(({ id, part, kind, role, drawn, ground, scale }) => {
      const speed = part.speed ?? 1;
      const played = (seconds + part.at) * role.fps * speed;
      const count = drawn.length;
      const wrapped = Math.floor(played) % (kind.isStanding ? Math.max(1, 2 * count - 2) : count);
      const cut = drawn[wrapped < count ? wrapped : 2 * count - 2 - wrapped];
      if (!cut) throw new Error('no picture');
      const sign = part.isMirrored ? -1 : 1;
      const moved = kind.isStanding ? 0 : sign * role.step * scale * seconds * role.fps * speed;
      return { id, cut, scale, sign, x: part.x * width + moved, ground };
    });
    scene.drawImage(plate.canvas, 0, 0);
    for (const { cut, scale, sign, x, ground } of shown) {
      // A soft shadow under the feet.
      scene.save();
      scene.translate(x, ground);
      scene.scale(1, 0.22);
      const shadow = scene.createRadialGradient(0, 0, 0, 0, 0, 95 * scale);
      shadow.addColorStop(0, 'rgb(0 0 0 / 0.4)');
      shadow.addColorStop(1, 'rgb(0 0 0 / 0)');
      scene.fillStyle = shadow;
      scene.fillRect(-100 * scale, -100 * scale, 200 * scale, 200 * scale);
      scene.restore();
      scene.save();
      scene.translate(x, ground);
      scene.scale(sign * scale, scale);
      scene.drawImage(cut.canvas, -cut.foot.x, -cut.foot.y);
      scene.restore();
    }
    const placed = shown.map(({ id, cut, scale, sign, x, ground }) => ({
      id,
      points: Object.entries(cut.points).map(([name, point]) => {
        const side = name.startsWith('left_') ? 'right_' : 'left_';
        const other = name.replace(/^(left|right)_/, side);
        return {
          name: sign < 0 ? other : name,
          x: x + sign * scale * (point.x - cut.foot.x),
          y: ground + scale * (point.y - cut.foot.y),
          visible: point.visible,
        };
      }),
    }));
    truth.push({
      t_ms: (1000 * frame) / given.fps,
      persons: placed
        .filter(({ points }) => points.some(({ x, y }) => x > 0 && y > 0 && x < width && y < height))
        .map(({ id, points }) => ({
          id,
          keypoints: Object.fromEntries(
            points.map(({ name, x, y, visible }) => {
              const isCovered = shown.slice(id).some((front) => {
                const { cut, scale, sign } = front;
                const column = Math.round(cut.foot.x + (sign * (x - front.x)) / scale);
                const row = Math.round(cut.foot.y + (y - front.ground) / scale);
                const { picture } = cut;
                const isInside = column >= 0 && row >= 0 && column < picture.width && row < picture.height;
                return isInside && (picture.data[4 * (row * picture.width + column) + 3] ?? 0) > 127;
              });
              const outside = x < 0 || y < 0 || x >= width || y >= height;
              const point = { x: Math.round(100 * x) / 100, y: Math.round(100 * y) / 100 };
              return [
                name,
                { ...point, visible: visible && !outside && !isCovered, ...(outside && { outside }) },
              ];
            }),
          ),
        })),
    });
    clip.drawImage(scene.canvas, 0, 0);
    const encoded = new VideoFrame(clip.canvas, { timestamp: Math.round((1e6 * frame) / given.fps) });
    encoder.encode(encoded, { keyFrame: frame % 90 === 0 });
    encoded.close();
  }
  await encoder.flush();
  if (!config) throw new Error('nothing was encoded');
  return { frames, config, truth };
}
