#!/bin/sh
# Rebuild vega.js and vendor.json from entry.mjs and the versions in package.json. Needs node 20, npm and gzip; building
# the site needs none of them. The same inputs give the same bytes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/package.json" "$here/entry.mjs" "$work"
cd "$work"
npm install --silent --no-package-lock --no-audit --no-fund --ignore-scripts

cat > build.mjs <<'EOF'
import {build} from 'esbuild';
import {execSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, resolve} from 'node:path';

const modules = resolve('node_modules') + '/';
const noop = (...names) => names.map(n => `export const ${n} = () => {};`).join('\n') + `\nexport default ${names[0]};`;
const absent = (...names) =>
  names.map(n => `export const ${n} = () => { throw Error('${n} is not in this build of Vega'); };`).join('\n') +
  `\nexport default ${names[0]};`;
const swap = (pattern, by, times) => text => {
  const found = text.match(pattern)?.length;
  if (found !== times) throw Error(`${pattern} matches ${found} times, not ${times}`);
  return text.replace(pattern, by);
};

// Modules of the packages, replaced whole or in part. All that is drawn is SVG, every expression is interpreted, and
// nothing may compile code at run time, as the pages' Content-Security-Policy forbids it.
const replaced = {
  // no canvas and no hybrid renderer
  'vega-scenegraph/src/modules.js': `
    import renderer from './SVGRenderer.js';
    import headless from './SVGStringRenderer.js';
    import handler from './SVGHandler.js';
    const modules = {svg: {renderer, headless, handler}, none: {}};
    export const RenderType = {Canvas: 'svg', PNG: 'svg', SVG: 'svg', Hybrid: 'svg', None: 'none'};
    export const renderModule = name => modules[String(name || '').toLowerCase()];`,
  'vega-scenegraph/src/CanvasHandler.js': `export {default} from './SVGHandler.js';`,
  'vega-scenegraph/src/util/canvas/blend.js': noop('blend'),
  'vega-scenegraph/src/util/canvas/clip.js': noop('clipGroup'),
  'vega-scenegraph/src/util/canvas/draw.js': 'const no = () => {}; export const drawAll = () => no, drawOne = drawAll;',
  'vega-scenegraph/src/util/canvas/fill.js': noop('fill'),
  'vega-scenegraph/src/util/canvas/pick.js':
    'const no = () => {}; export const hitPath = () => no, pick = hitPath, pickPath = hitPath;',
  'vega-scenegraph/src/util/canvas/stroke.js': noop('stroke'),
  'vega-scenegraph/src/util/pickPath.js': noop('pickArea', 'pickLine', 'pickTrail'),
  'vega-view/src/render-to-canvas.js': absent('toCanvas'),
  'vega-view/src/render-to-image-url.js': absent('toImageURL'),
  'vega-view/src/watchPixelRatio.js': noop('watchPixelRatio'),
  // no generated code: expressions are interpreted even if View is not told so, and CSV, whose parser compiles, is out
  'vega-runtime/src/expression.js': `export {expressionInterpreter as default} from 'vega-interpreter';`,
  'vega-loader/src/formats/dsv.js': absent('csv') + 'export const delimitedFormat = () => csv;',
  // the same classes of characters, as the browser knows them
  'vega-expression/src/parser.js': swap(
    /(IdentifierStart|IdentifierPart) = new RegExp\('[^']+'\)/g,
    (_, name) => `${name} = /\\p{${name === 'IdentifierPart' ? 'ID_Continue' : 'ID_Start'}}/u`, 2),
  // functions that no expression calls: distributions, easing, areas and bounds on the sphere, CSS transforms
  'vega-statistics/src/lognormal.js': absent('sampleLogNormal', 'densityLogNormal', 'cumulativeLogNormal', 'quantileLogNormal'),
  'vega-statistics/src/normal.js': absent('sampleNormal', 'densityNormal', 'cumulativeNormal', 'quantileNormal'),
  'vega-statistics/src/uniform.js': absent('sampleUniform', 'densityUniform', 'cumulativeUniform', 'quantileUniform'),
  'vega-functions/src/functions/ease.js': 'export const easeFunctions = {};',
  'vega-functions/src/functions/geo.js': absent('geoArea', 'geoBounds', 'geoCentroid', 'geoScale', 'geoTranslate'),
  'd3-interpolate/src/transform/index.js': absent('interpolateTransformCss', 'interpolateTransformSvg'),
  'd3-interpolate/src/zoom.js': absent('interpolateZoom'),
  // most projections, closed and open curves, and most colour schemes, of which Vega's defaults stay
  'vega-projection/src/projections.js': swap(
    /^ +(albers|albersusa|azimuthal\w+|conic\w+|gnomonic|mollweide|orthographic|stereographic|transversemercator): .*\n/gm,
    '', 12),
  'vega-scenegraph/src/path/curves.js':
    swap(/^  '(basis-closed|basis-open|bundle|(cardinal|catmull-rom)-(open|closed)|linear-closed)': \{[^}]*\},\n/gm, '', 8),
  'vega-scale/src/palettes.js': swap(
    /^  (?!(blues|greens|greys|oranges|purples|reds|viridis|cividis|yellowGreenBlue|blueOrange|redBlue|tableau\d+):)\w+: .*\n/gm,
    '', 55),
};

const bundled = new Set();
const slim = {
  name: 'slim',
  setup(b) {
    // Take the packages of Vega from their sources, so that what is not used can be dropped module by module.
    b.onResolve({filter: /^vega-/}, ({path}) => {
      const index = ['index.browser.js', 'index.js'].map(f => `${modules}${path}/${f}`).find(existsSync);
      return index && {path: index, sideEffects: false};
    });
    b.onResolve({filter: /^\./}, ({path, importer}) =>
      importer.startsWith(modules + 'vega-') ? {path: resolve(dirname(importer), path), sideEffects: false} : undefined);
    b.onLoad({filter: /node_modules\/.*\.js$/}, ({path}) => {
      const name = path.slice(modules.length);
      const by = replaced[name];
      bundled.add(name);
      if (by) return {contents: by instanceof Function ? by(readFileSync(path, 'utf8')) : by, resolveDir: dirname(path)};
    });
  },
};

const result = await build({
  entryPoints: ['entry.mjs'], bundle: true, minify: true, format: 'iife', globalName: 'ascnVega', target: 'es2020',
  legalComments: 'none', plugins: [slim], outfile: 'vega.js', metafile: true, write: false,
});
const unused = Object.keys(replaced).filter(name => !bundled.has(name));
if (unused.length) throw Error(`replaced, but not in the bundle: ${unused}`);

const inputs = Object.entries(Object.values(result.metafile.outputs)[0].inputs);
const names = new Set(inputs.filter(([, i]) => i.bytesInOutput).flatMap(([path]) => path.match(/^node_modules\/([^/]+)/)?.[1] ?? []));
const packages = [...names].sort().map(name => {
  const {version, license} = JSON.parse(readFileSync(`${modules}${name}/package.json`));
  return {name, version, licence: license};
});
const rest = packages.filter(p => !['BSD-3-Clause', 'ISC'].includes(p.licence));
if (rest.length) throw Error(`licences to look at: ${JSON.stringify(rest)}`);
const parser = ' (with a parser after Esprima, BSD-2-Clause)';
const under = licence => packages.filter(p => p.licence === licence)
  .map(p => `${p.name} ${p.version}${p.name === 'vega-expression' ? parser : ''}`).join(', ');
const text = `/*! BSD-3-Clause, (c) University of Washington Interactive Data Lab: ${under('BSD-3-Clause')}. ` +
  `ISC, (c) Mike Bostock: ${under('ISC')}. Texts: LICENSES/ */\n${result.outputFiles[0].text}`;
if (/\beval\s*\(|\bFunction\s*\(|sourceMappingURL/.test(text)) throw Error('the bundle compiles code or names a source map');

writeFileSync('vega.js', text);
writeFileSync('vendor.json', JSON.stringify({
  file: 'vega.js',
  sha256: createHash('sha256').update(text).digest('hex'),
  bytes: Buffer.byteLength(text),
  gzip_bytes: execSync('gzip -9nc vega.js', {maxBuffer: 1e8}).length,
  packages,
}, null, 2) + '\n');
EOF
node build.mjs
cp vega.js vendor.json "$here"
