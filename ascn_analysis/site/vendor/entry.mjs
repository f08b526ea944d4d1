// What window.ascnVega holds. The transforms left out are those that no chart needs: contours, densities, dot bins,
// quantiles, samples, crosses, link paths. build.sh leaves out more inside the packages.
import {transforms} from 'vega-dataflow';
import {axisticks, datajoin, encode, legendentries, pie, scale, sortitems, stack} from 'vega-encode';
import {geojson, geopath, geopoint, geoshape, graticule, projection} from 'vega-geo';
import {
  aggregate, bin, collect, compare, expression, extent, facet, field, filter, flatten, fold, formula, generate, impute,
  joinaggregate, key, load, lookup, multiextent, multivalues, params, pivot, prefacet, project, proxy, relay, sequence,
  sieve, subflow, timeunit, tupleindex, values, window
} from 'vega-transforms';
import {bound, identifier, mark, overlap, render, viewlayout} from 'vega-view-transforms';

Object.assign(transforms, {
  axisticks, datajoin, encode, legendentries, pie, scale, sortitems, stack,
  geojson, geopath, geopoint, geoshape, graticule, projection,
  aggregate, bin, collect, compare, expression, extent, facet, field, filter, flatten, fold, formula, generate, impute,
  joinaggregate, key, load, lookup, multiextent, multivalues, params, pivot, prefacet, project, proxy, relay, sequence,
  sieve, subflow, timeunit, tupleindex, values, window,
  bound, identifier, mark, overlap, render, viewlayout
});

export {changeset} from 'vega-dataflow';
export {expressionInterpreter} from 'vega-interpreter';
export {parse} from 'vega-parser';
export {View} from 'vega-view';
export const version = '6.4.0'; // the Vega release that the packages of package.json belong to
