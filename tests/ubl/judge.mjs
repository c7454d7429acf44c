// judge.mjs SEF FILE... - hold UBL documents to a compiled Schematron.
//
// Prints FILE: what it breaks, warnings too, for each; exit code 1 when there
// is anything.  One process for all files: reading the rules takes the time.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [sef, ...files] = process.argv.slice(2);
const require = createRequire(sef);
const SaxonJS = require("saxon-js");
const rules = JSON.parse(readFileSync(sef, "utf8"));
let bad = 0;

for (const file of files) {
	const { principalResult } = SaxonJS.transform({
		stylesheetInternal: rules,
		sourceText: readFileSync(file, "utf8"),
		destination: "serialized",
	});
	const asserts = principalResult.matchAll(
	    /<svrl:failed-assert[^]*?<svrl:text>([^]*?)<\/svrl:text>/g);
	if (!principalResult.includes("<svrl:fired-rule")) {
		console.log(`${file}: no rule looked at it`);
		bad++;
	}
	for (const [, text] of asserts) {
		console.log(`${file}: ${text.trim()}`);
		bad++;
	}
}
process.exit(bad > 0 ? 1 : 0);
