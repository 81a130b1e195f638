// The question in FHIRPath, run by fhirpath.js with its R4 model; every expression is compiled once.
//
// Variants: "bundle", one expression on the patient's bundle, codes compared with `in`; "lists", the resources
// of each type handed over as a variable, so that the engine does not search the bundle, and codes compared with
// `intersect`, which the library does by hash, and with `iif` in place of `and` and `or`, of which it evaluates
// both sides; "function", the same with a function of our own, which the library allows, that looks codes up.
// "function" is no longer FHIRPath alone.

import { fileURLToPath } from 'node:url';

import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';

import { serve } from './bulk.mjs';

const key = ({ system, code }) => `${system}|${code}`;

const MATCHES = {
  bundle: (name) => `where((system & '|' & code) in %${name}).exists()`,
  lists: (name) => `select(system & '|' & code).intersect(%${name}).exists()`,
  function: (name) => `where(isOf('${name}')).exists()`,
};

function expressionOf(variant) {
  const of = (type, name, path) => {
    const from = variant === 'bundle' ? `%context.entry.resource.ofType(${type})` : `%${type}`;
    return `${from}.${path}.coding.${MATCHES[variant](name)}`;
  };
  const orders = of('MedicationRequest', 'corticosteroids', 'medication');
  const conditions = of('Condition', 'causes', 'code');
  const transplants = of('Procedure', 'transplants', 'code');
  const mri = of('Procedure', 'mri', 'code');
  const caused = `${orders} or ${conditions} or ${transplants}`;
  if (variant === 'bundle') return `(${caused}) and ${mri}.not()`;
  return `iif(iif(${orders}, true, iif(${conditions}, true, ${transplants})), ${mri}.not(), false)`;
}

function variablesOf(codes, variant) {
  if (variant === 'function') return {};
  return Object.fromEntries(Object.entries(codes).map(([name, set]) => [name, set.map(key)]));
}

function optionsOf(codes, variant) {
  if (variant !== 'function') return {};
  const known = Object.fromEntries(Object.entries(codes).map(([name, set]) => [name, new Set(set.map(key))]));
  const isOf = (codings, name) => codings.some((coding) => known[name].has(key(coding)));
  return { userInvocationTable: { isOf: { fn: isOf, arity: { 1: ['String'] } } } };
}

function prepare(codes, variant) {
  const evaluate = fhirpath.compile(expressionOf(variant), r4, optionsOf(codes, variant));
  const variables = variablesOf(codes, variant);
  return (bundles) => {
    const positive = [];
    for (const bundle of bundles) {
      const given = { ...variables };
      if (variant !== 'bundle') {
        given.MedicationRequest = [];
        given.Condition = [];
        given.Procedure = [];
        for (const { resource } of bundle.entry) given[resource.resourceType]?.push(resource);
      }
      if (evaluate(bundle, given)[0] === true) positive.push(bundle.id);
    }
    return positive;
  };
}

serve(prepare, fileURLToPath(import.meta.url));
