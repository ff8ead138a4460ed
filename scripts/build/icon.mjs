import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { root } from '../lib/root.mjs';

/**
 * `assets/icons/icon.ico` from `icon.png`, so that packing for Windows needs no tool to be fetched: run `node scripts/build/icon.mjs` after the picture
 * changed. Sizes are those that Windows asks for at 100 to 250 % (https://learn.microsoft.com/windows/apps/design/style/iconography/app-icon-construction).
 */
export const icoSizes = [16, 20, 24, 32, 40, 48, 64, 256];

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Pixels as rows of red, green, blue, alpha.
 * @typedef {{ size: number, pixels: Uint8Array }} Picture
 */

/** @param {number} left @param {number} above @param {number} corner https://www.w3.org/TR/png-3/#9Filter-type-4-Paeth */
function paeth(left, above, corner) {
  const estimate = left + above - corner;
  const [toLeft, toAbove, toCorner] = [Math.abs(estimate - left), Math.abs(estimate - above), Math.abs(estimate - corner)];
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** A square picture of 8 bits a channel with alpha, not interlaced: what icon.png is. @param {Buffer} png @returns {Picture} */
export function readPng(png) {
  if (!png.subarray(0, 8).equals(signature)) throw new Error('no PNG');
  const size = png.readUInt32BE(16);
  const [depth, colours, , , interlace] = png.subarray(24, 29);
  if (png.readUInt32BE(20) !== size || depth !== 8 || colours !== 6 || interlace !== 0)
    throw new Error('a square PNG, RGBA, 8 bits, is needed');
  const parts = [];
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const raw = inflateSync(Buffer.concat(parts));
  const stride = size * 4;
  const pixels = new Uint8Array(size * stride);
  for (let y = 0; y < size; y += 1) {
    const filter = raw[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x += 1) {
      const left = x < 4 ? 0 : (pixels[y * stride + x - 4] ?? 0);
      const above = y === 0 ? 0 : (pixels[(y - 1) * stride + x] ?? 0);
      const corner = x < 4 || y === 0 ? 0 : (pixels[(y - 1) * stride + x - 4] ?? 0);
      const added = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter] ?? 0;
      pixels[y * stride + x] = (raw[y * (stride + 1) + 1 + x] ?? 0) + added;
    }
  }
  return { size, pixels };
}

/** Each pixel is the mean of the area that it covers, colours weighted by how much of them is to be seen. @param {Picture} picture @param {number} size @returns {Picture} */
export function shrink(picture, size) {
  const pixels = new Uint8Array(size * size * 4);
  const scale = picture.size / size;
  /** @param {number} from @param {number} at how much of the source's row or column `at` lies in what begins at `from` */
  const share = (from, at) => Math.min(at + 1, from + scale) - Math.max(at, from);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const sums = [0, 0, 0];
      let alphas = 0;
      for (let sourceY = Math.floor(y * scale); sourceY < (y + 1) * scale; sourceY += 1) {
        for (let sourceX = Math.floor(x * scale); sourceX < (x + 1) * scale; sourceX += 1) {
          const at = (sourceY * picture.size + sourceX) * 4;
          const weight = share(y * scale, sourceY) * share(x * scale, sourceX) * (picture.pixels[at + 3] ?? 0);
          alphas += weight;
          for (const channel of [0, 1, 2]) sums[channel] = (sums[channel] ?? 0) + weight * (picture.pixels[at + channel] ?? 0);
        }
      }
      const to = (y * size + x) * 4;
      for (const channel of [0, 1, 2]) pixels[to + channel] = alphas === 0 ? 0 : Math.round((sums[channel] ?? 0) / alphas);
      pixels[to + 3] = Math.round(alphas / (scale * scale));
    }
  }
  return { size, pixels };
}

/** @param {number[]} crcs @param {Uint8Array} bytes https://www.w3.org/TR/png-3/#D-CRCAppendix */
function crcOf(crcs, bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcs[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** @param {Picture} picture */
function writePng({ size, pixels }) {
  const crcs = Array.from({ length: 256 }, (_, index) => {
    let crc = index;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
    return crc >>> 0;
  });
  /** @param {string} kind @param {Uint8Array} content */
  const chunk = (kind, content) => {
    const body = Buffer.concat([Buffer.from(kind, 'latin1'), content]);
    const whole = Buffer.alloc(body.length + 8);
    whole.writeUInt32BE(content.length, 0);
    body.copy(whole, 4);
    whole.writeUInt32BE(crcOf(crcs, body), body.length + 4);
    return whole;
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 6, 0, 0, 0]);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  const raw = Buffer.alloc(size * (size * 4 + 1));
  for (let y = 0; y < size; y += 1) raw.set(pixels.subarray(y * size * 4, (y + 1) * size * 4), y * (size * 4 + 1) + 1);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(raw, { level: 9 })), chunk('IEND', new Uint8Array())]);
}

/** A bitmap as icons hold it: twice the height, rows from below, blue first, then a mask that alpha makes superfluous. @param {Picture} picture */
function writeBitmap({ size, pixels }) {
  const maskStride = Math.ceil(size / 32) * 4;
  const bitmap = Buffer.alloc(40 + size * size * 4 + size * maskStride);
  bitmap.writeUInt32LE(40, 0);
  bitmap.writeInt32LE(size, 4);
  bitmap.writeInt32LE(size * 2, 8);
  bitmap.writeUInt16LE(1, 12);
  bitmap.writeUInt16LE(32, 14);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const from = ((size - 1 - y) * size + x) * 4;
      const [red = 0, green = 0, blue = 0, alpha = 0] = pixels.subarray(from, from + 4);
      bitmap.set([blue, green, red, alpha], 40 + (y * size + x) * 4);
    }
  }
  return bitmap;
}

/** The largest as PNG, as Windows wants it; the others as bitmaps, which every program can read. @param {Buffer} png @returns {Buffer} */
export function makeIco(png) {
  const picture = readPng(png);
  const images = icoSizes.map((size) => (size === 256 ? writePng(shrink(picture, size)) : writeBitmap(shrink(picture, size))));
  const head = Buffer.alloc(6 + 16 * images.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let at = head.length;
  for (const [index, image] of images.entries()) {
    const size = icoSizes[index] ?? 0;
    const entry = 6 + 16 * index;
    head[entry] = size % 256;
    head[entry + 1] = size % 256;
    head.writeUInt16LE(1, entry + 4);
    head.writeUInt16LE(32, entry + 6);
    head.writeUInt32LE(image.length, entry + 8);
    head.writeUInt32LE(at, entry + 12);
    at += image.length;
  }
  return Buffer.concat([head, ...images]);
}

const folder = join(root, 'assets', 'icons');
if (import.meta.main) writeFileSync(join(folder, 'icon.ico'), makeIco(readFileSync(join(folder, 'icon.png'))));
