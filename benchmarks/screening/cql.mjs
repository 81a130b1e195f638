// The question in CQL, as ELM written by hand (elm.json), run by cql-execution with the data model of cql-exec-fhir.
//
// Variants: "stock", with And and Or and lists of codes, as their documentation has it; "ordered", with If in
// place of And and Or, of which the engine evaluates both sides, and with sets of codes that look up a hash;
// "filtered", the same after a loop of our own that leaves out every resource without a wanted code, so that the
// engine wraps no others. "filtered" is no longer CQL alone.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import cql from 'cql-execution';
import fhir from 'cql-exec-fhir';

import { serve } from './bulk.mjs';

const ELM = JSON.parse(readFileSync(new URL('./elm.json', import.meta.url), 'utf8'));
const SEPARATOR = '\u0000';

class HashedValueSet extends cql.ValueSet {
  constructor(oid, version, codes) {
    super(oid, version, codes);
    this.known = new Set(codes.map(({ system, code }) => system + SEPARATOR + code));
  }

  has(coding) {
    return coding != null && this.known.has(coding.system + SEPARATOR + coding.code);
  }

  hasMatch(found) {
    if (found == null) return false;
    if (Array.isArray(found)) return found.some((each) => this.hasMatch(each));
    return Array.isArray(found.codes) ? found.codes.some((each) => this.has(each)) : this.has(found);
  }
}

// Leaves in a bundle the patient and the resources with a code of any of the sets.
function onlyWanted(bundle, known) {
  const wanted = ({ resource }) => resource.resourceType === 'Patient'
    || (resource.medicationCodeableConcept ?? resource.code)?.coding?.some(
      ({ system, code }) => known.has(system + SEPARATOR + code));
  return { ...bundle, entry: bundle.entry.filter(wanted) };
}

function codeServiceOf(codes, variant) {
  const sets = Object.fromEntries(Object.entries(codes).map(([name, set]) => [name, { '': set }]));
  const service = new cql.CodeService(sets);
  if (variant !== 'stock') {
    for (const [name, versions] of Object.entries(service.valueSets)) {
      versions[''] = new HashedValueSet(name, '', versions[''].codes);
    }
  }
  return service;
}

function prepare(codes, variant) {
  const executor = new cql.Executor(new cql.Library(ELM), codeServiceOf(codes, variant));
  const source = fhir.PatientSource.FHIRv401();
  const known = new Set(Object.values(codes).flat().map(({ system, code }) => system + SEPARATOR + code));
  const answer = variant === 'stock' ? 'Logical' : 'Ordered';
  return async (bundles) => {
    source.reset();
    source.loadBundles(variant === 'filtered' ? bundles.map((each) => onlyWanted(each, known)) : bundles);
    const { patientResults } = await executor.exec_expression(answer, source);
    return Object.keys(patientResults).filter((id) => patientResults[id][answer] === true);
  };
}

serve(prepare, fileURLToPath(import.meta.url));
