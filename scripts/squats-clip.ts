/**
 * Makes `public/samples/squats.webm`: the figure of a sample picture does three squats, seen from the front.
 * Its legs are bent as a puppet's: thighs and shanks foreshortened, knees out, all above the hips as it is.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { BufferTarget, EncodedPacket, EncodedVideoPacketSource, Output, WebMOutputFormat } from 'mediabunny';
import { openLibrary } from './headless.ts';

const PHOTO = 'public/samples/stand.jpg';
const CLIP = 'public/samples/squats.webm';

const FPS = 30;
/** How long she stands before each, how long it takes, in seconds, and how deep it is: 1 is right down. */
const SQUATS = [
  { pause: 0.5, takes: 1.8, depth: 1 },
  { pause: 0.1, takes: 1.6, depth: 0.95 },
  { pause: 0.1, takes: 2, depth: 1 },
  { pause: 0.5, takes: 0, depth: 0 },
];

/** How deep she is in each frame: 0 stands. */
const depths = SQUATS.flatMap(({ pause, takes, depth }) => [
  ...Array.from({ length: Math.round(pause * FPS) }, () => 0),
  ...Array.from({ length: Math.round(takes * FPS) }, (_, frame) => {
    return (depth * (1 - Math.cos((2 * Math.PI * frame) / (takes * FPS)))) / 2;
  }),
]);

/** What the page encoded. */
interface Encoded {
  frames: { data: string; type: 'key' | 'delta'; timestamp: number }[];
  config: VideoDecoderConfig;
}

const library = await openLibrary({ model: 'heavy', quality: 'best', backend: 'wasm' });
try {
  const url = `data:image/jpeg;base64,${(await readFile(PHOTO)).toString('base64')}`;
  const { frames, config } = await library.page.evaluate(draw, { url, fps: FPS, depths });
  const target = new BufferTarget();
  const output = new Output({ format: new WebMOutputFormat(), target });
  const track = new EncodedVideoPacketSource('vp9');
  output.addVideoTrack(track, { frameRate: FPS });
  await output.start();
  for (const { data, type, timestamp } of frames) {
    const packet = new EncodedPacket(Buffer.from(data, 'base64'), type, timestamp / 1e6, 1 / FPS);
    await track.add(packet, { decoderConfig: config });
  }
  await output.finalize();
  if (!target.buffer) throw new Error('Nothing was written.');
  await writeFile(CLIP, Buffer.from(target.buffer));
  console.log(`${CLIP}: ${frames.length} frames, ${(target.buffer.byteLength / 1e6).toFixed(2)} MB`);
} finally {
  await library.close();
}

/** Runs in the page: draws and encodes every frame. */
async function draw(given: { url: string; fps: number; depths: readonly number[] }): Promise<Encoded> {
  const client = globalThis.body21Client;
  if (!client) throw new Error('no client');
  const photo = await (await fetch(given.url)).blob();
  const image = await createImageBitmap(photo);
  const { width, height } = image;
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- the page is given this function alone
  const newContext = (w: number, h: number) => {
    const context = new OffscreenCanvas(w, h).getContext('2d');
    if (!context) throw new Error('no canvas');
    return context;
  };

  // The figure without its background, its edge a little soft.
  const { person_info } = await client.bodyAnalysis(photo, { extras: ['mask'] });
  const [person] = person_info;
  const counts = person?.extras?.mask?.counts;
  if (!person || !counts) throw new Error('no mask');
  const outline = newContext(width, height);
  const shape = outline.createImageData(width, height);
  let at = 0;
  for (const [run, count] of counts.entries()) {
    // Background and person by turns, column by column.
    const isPerson = run % 2 === 1;
    const end = isPerson ? at + count : at;
    for (let pixel = at; pixel < end; pixel++) {
      const [column, row] = [Math.floor(pixel / height), pixel % height];
      shape.data[4 * (row * width + column) + 3] = 255;
    }
    at += count;
  }
  outline.putImageData(shape, 0, 0);
  const figure = newContext(width, height);
  figure.filter = 'blur(1.2px)';
  figure.drawImage(outline.canvas, 0, 0);
  figure.filter = 'none';
  figure.globalCompositeOperation = 'source-in';
  figure.drawImage(image, 0, 0);

  // The background without the figure: what is beside it, as in a mirror, from either side.
  const plate = newContext(width, height);
  plate.drawImage(image, 0, 0);
  const { left, width: across } = person.location;
  const [from, middle, to] = [left - 24, left + across / 2, left + across + 24];
  for (const [edge, sign] of [
    [from, 1],
    [to, -1],
  ] as const) {
    const half = newContext(width, height);
    half.translate(2 * edge, 0);
    half.scale(-1, 1);
    half.drawImage(image, 0, 0);
    half.resetTransform();
    half.globalCompositeOperation = 'destination-in';
    const fade = half.createLinearGradient(middle - 50, 0, middle + 50, 0);
    fade.addColorStop(sign > 0 ? 0 : 1, '#000');
    fade.addColorStop(sign > 0 ? 1 : 0, 'rgb(0 0 0 / 0)');
    half.fillStyle = sign > 0 ? '#000' : fade;
    half.fillRect(sign > 0 ? from : middle - 50, 0, to - from, height);
    plate.save();
    plate.beginPath();
    plate.rect(sign > 0 ? from : middle - 50, 0, sign > 0 ? middle + 50 - from : to - middle + 50, height);
    plate.clip();
    plate.drawImage(half.canvas, 0, 0);
    plate.restore();
  }

  const { left_hip, right_hip, left_knee, right_knee, left_ankle, right_ankle } = person.body_parts;
  const hip = (left_hip.y + right_hip.y) / 2;
  const knee = (left_knee.y + right_knee.y) / 2;
  const ankle = (left_ankle.y + right_ankle.y) / 2;
  const centre = (left_hip.x + right_hip.x) / 2;
  // Hands hang beside the thighs, and go with the trunk.
  const legs = { left: right_hip.x - 44, right: left_hip.x + 40 };
  const radians = Math.PI / 180;

  const trousers = { dark: '#33343d', light: '#474853' };

  const scene = newContext(width, height);
  const drawAt = (depth: number) => {
    const [thighAngle, shankAngle] = [85 * depth * radians, 38 * depth * radians];
    const kneeTo = ankle - (ankle - knee) * Math.cos(shankAngle);
    const hipTo = kneeTo - (knee - hip) * Math.cos(thighAngle);
    const out = 46 * Math.sin(thighAngle);
    scene.drawImage(plate.canvas, 0, 0);
    for (const side of [-1, 1]) {
      // Row by row from the hip down to the foot.
      const edge = side < 0 ? legs.left - 30 : centre;
      const reach = side < 0 ? centre - edge : legs.right + 30 - centre;
      for (let row = Math.round(hipTo); row < height; row++) {
        const isThigh = row < kneeTo;
        const share = isThigh
          ? (row - hipTo) / Math.max(1, kneeTo - hipTo)
          : Math.min(1, (row - kneeTo) / (ankle - kneeTo));
        const y = row >= ankle ? row : isThigh ? hip + share * (knee - hip) : knee + share * (ankle - knee);
        const isFoot = y > ankle - 20;
        const shift = side * out * (isThigh ? share : 1 - share);
        const [x, w] = isFoot ? (side < 0 ? [0, centre] : [centre, width - centre]) : [edge, reach];
        if (!isFoot && y < hip + 150 && (x < legs.left || x + w > legs.right)) {
          // Where the hands are, only the leg between them.
          const inner = side < 0 ? legs.left : centre;
          const room = side < 0 ? centre - legs.left : legs.right - centre;
          scene.drawImage(figure.canvas, inner, y, room, 1, inner + shift, row, room, 1);
        } else scene.drawImage(figure.canvas, x, y, w, 1, x + shift, row, w, 1);
      }
    }
    // Thighs that point at the viewer are round, and reach from the hips to the knees.
    scene.lineCap = 'round';
    for (const [color, thickness, blur] of [
      [trousers.dark, 58, 1],
      [trousers.light, 30, 8],
    ] as const) {
      scene.strokeStyle = color;
      scene.filter = `blur(${blur}px)`;
      scene.globalAlpha = Math.min(1, 6 * Math.max(0, depth - 0.08));
      for (const [hipX, kneeX] of [
        [right_hip.x + 8, right_knee.x - out],
        [left_hip.x - 8, left_knee.x + out],
      ] as const) {
        scene.lineWidth = thickness * (0.82 + 0.36 * depth);
        scene.beginPath();
        scene.moveTo(hipX, hipTo + 8 * depth);
        scene.lineTo(kneeX, kneeTo + 4);
        scene.stroke();
      }
    }
    scene.filter = 'none';
    scene.globalAlpha = 1;
    scene.save();
    scene.translate(0, hipTo);
    scene.scale(1, 1 - 0.06 * depth);
    scene.translate(0, -hip);
    const hem = hip + 50 - 34 * depth;
    scene.drawImage(figure.canvas, 0, 0, width, hem, 0, 0, width, hem);
    for (const [x, w] of [
      [0, legs.left],
      [legs.right, width - legs.right],
    ] as const) {
      scene.drawImage(figure.canvas, x, hem, w, 140, x, hem, w, 140);
    }
    scene.restore();
  };

  const clip = newContext(432, 576);
  clip.imageSmoothingQuality = 'high';
  const top = 110;
  const frames: Encoded['frames'] = [];
  let config: VideoDecoderConfig | undefined;
  const encoder = new VideoEncoder({
    output: (chunk, metadata) => {
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      const data = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
      frames.push({ data, type: chunk.type, timestamp: chunk.timestamp });
      config ??= metadata?.decoderConfig && {
        codec: metadata.decoderConfig.codec,
        codedWidth: clip.canvas.width,
        codedHeight: clip.canvas.height,
      };
    },
    error: (error) => reportError(error),
  });
  encoder.configure({
    codec: 'vp09.00.30.08',
    width: 432,
    height: 576,
    bitrate: 900_000,
    framerate: given.fps,
  });
  for (const [index, depth] of given.depths.entries()) {
    drawAt(depth);
    clip.drawImage(scene.canvas, 0, top, width, (width * 576) / 432, 0, 0, 432, 576);
    const frame = new VideoFrame(clip.canvas, { timestamp: Math.round((1e6 * index) / given.fps) });
    encoder.encode(frame, { keyFrame: index % 90 === 0 });
    frame.close();
  }
  await encoder.flush();
  if (!config) throw new Error('nothing was encoded');
  return { frames, config };
}
