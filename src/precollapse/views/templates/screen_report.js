"use strict";
// Shows the table of patients: sorts, filters, turns pages, opens rows. Texts are only ever set as text.
(() => {
  const { words, rows } = JSON.parse(document.getElementById("data").textContent);
  // The places in a row, in the order in which screen_table.py writes them.
  const FIELDS = ["patient", "urgencyRank", "urgency", "actionRank", "action", "date", "sex", "age", "hip",
    "risk", "riskWords", "risk1", "risk1Words", "risk5", "risk5Words", "cause", "specialty", "says", "reason",
    "facts", "unknown"];
  const AT = Object.fromEntries(FIELDS.map((name, place) => [name, place]));
  const UNKNOWN = "not recorded";
  const NO_CAUSE = "no cause recorded";
  const word = (place) => (place < 0 ? null : words[place]);
  const unbroken = (text) => String(text).replaceAll(" %", "\u00a0%");
  const said = (name) => (row) => word(row[AT[name]]);
  const value = (name) => (row) => row[AT[name]];
  const collator = new Intl.Collator("en", { numeric: true });

  // Name, what is shown, what it is sorted by, whether the largest comes first, class: side and spare columns
  // give way on narrow screens and are then found in the opened row.
  const COLUMNS = [
    ["Patient", null, value("patient"), false, ""],
    ["Urgency", said("urgency"), value("urgencyRank"), false, ""],
    ["Action", (row) => said("action")(row) + (row[AT.date] < 0 ? "" : " on " + said("date")(row)),
      (row) => row[AT.actionRank] + (row[AT.date] < 0 ? "" : " " + said("date")(row)), false, ""],
    ["Risk today", said("riskWords"), value("risk"), true, "spare"],
    ["Within 1 year", said("risk1Words"), value("risk1"), true, "side"],
    ["Within 5 years", said("risk5Words"), value("risk5"), true, "side"],
    ["Cause", (row) => said("cause")(row) || NO_CAUSE, said("cause"), false, "spare"],
    ["Age", value("age"), value("age"), true, "number side"],
    ["Sex", said("sex"), said("sex"), false, "side"],
    ["Hip", said("hip"), said("hip"), false, "side"],
    ["Specialty", said("specialty"), said("specialty"), false, "side"],
  ];

  const state = { column: 1, down: false, page: 0, size: 25, allOpen: false, opened: new Set() };
  const find = (id) => document.getElementById(id);
  const [head, body] = [find("columns"), find("rows")];

  function make(tag, text, kind) {
    const made = document.createElement(tag);
    if (text !== undefined && text !== null) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  }

  const order = rows.map((_, place) => place);
  const texts = new Array(rows.length);
  function textOf(place) {
    if (texts[place] === undefined) {
      const row = rows[place];
      const said = ["urgency", "action", "date", "sex", "hip", "cause", "specialty", "says", "reason"];
      const places = said.map((name) => row[AT[name]]).concat(row[AT.facts], row[AT.unknown]);
      texts[place] = [row[AT.patient], ...places.filter((one) => one >= 0).map(word)].join("\n").toLowerCase();
    }
    return texts[place];
  }

  function compare(one, other, key, down) {
    const [a, b] = [key(rows[one]), key(rows[other])];
    if (a === null || b === null) return (a === null) - (b === null) || one - other; // unknown always last
    const by = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b);
    return (down ? -by : by) || one - other;
  }

  const FILTERS = [
    ["filter-urgency", "urgency", "urgencyRank", UNKNOWN],
    ["filter-action", "action", "actionRank", UNKNOWN],
    ["filter-cause", "cause", null, NO_CAUSE],
  ];

  function fillFilter([id, name, rank, unknown]) {
    const numbers = new Map();
    for (const row of rows) {
      const place = row[AT[name]];
      const known = numbers.get(place) || { number: 0, rank: rank ? row[AT[rank]] : 0 };
      known.number += 1;
      numbers.set(place, known);
    }
    const sorted = [...numbers].sort((a, b) => a[1].rank - b[1].rank || b[1].number - a[1].number);
    const all = make("option", "all");
    all.value = "";
    find(id).append(all);
    for (const [place, { number }] of sorted) {
      const option = make("option", `${word(place) ?? unknown} (${number.toLocaleString("en")})`);
      option.value = String(place);
      find(id).append(option);
    }
  }

  function matching() {
    const chosen = FILTERS.map(([id, name]) => [AT[name], find(id).value]).filter(([, one]) => one !== "");
    const wanted = find("filter-words").value.toLowerCase().split(/\s+/).filter(Boolean);
    return order.filter((place) =>
      chosen.every(([at, one]) => String(rows[place][at]) === one) &&
      (wanted.length === 0 || wanted.every((one) => textOf(place).includes(one))));
  }

  function list(places) {
    const made = make("ul");
    for (const place of places) made.append(make("li", word(place)));
    return made;
  }

  function details(row) {
    const made = make("dl");
    const add = (name, content) => {
      const cell = make("dd");
      cell.append(content);
      made.append(make("dt", name), cell);
    };
    add("Do", said("says")(row) || UNKNOWN);
    if (row[AT.date] >= 0) add("On", said("date")(row));
    add("Because", said("reason")(row) || UNKNOWN);
    add("Rests on", row[AT.facts].length ? list(row[AT.facts]) : "no fact recorded");
    add("Not known", row[AT.unknown].length ? list(row[AT.unknown]) : "nothing that matters");
    const risk = [["today", "riskWords"], ["within 1 year", "risk1Words"], ["within 5 years", "risk5Words"]];
    add("Risk", risk.map(([when, name]) => `${when} ${said(name)(row) || "not estimated"}`).join("; "));
    add("Cause", said("cause")(row) || NO_CAUSE);
    add("Patient", [said("sex")(row) || "sex not recorded",
      row[AT.age] === null ? "age not recorded" : `${row[AT.age]} years`,
      `hip: ${said("hip")(row) || UNKNOWN}`].join(", "));
    add("Prescriber", said("specialty")(row) || UNKNOWN);
    return made;
  }

  function cellOf([, show, , , kind], row) {
    const cell = make("td", null, kind);
    const shown = show(row);
    if (shown === null) {
      cell.append(make("span", UNKNOWN, "detail"));
    } else if (show === COLUMNS[1][1]) {
      cell.append(make("span", shown, `level level-${row[AT.urgencyRank]}`));
    } else {
      cell.textContent = unbroken(shown);
    }
    return cell;
  }

  function moreOf(place) {
    const more = make("tr", null, "more");
    more.id = `more-${place}`;
    const cell = make("td");
    cell.colSpan = COLUMNS.length;
    const inner = make("div");
    inner.append(details(rows[place]));
    cell.append(inner);
    more.append(cell);
    return more;
  }

  function rowOf(place) {
    const row = rows[place];
    const shown = make("tr");
    const first = make("th");
    first.scope = "row";
    const button = make("button", null, "open");
    button.append(make("span", row[AT.patient]));
    button.type = "button";
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-controls", `more-${place}`);
    button.addEventListener("click", () => toggle(place, button));
    first.append(button);
    shown.append(first, ...COLUMNS.slice(1).map((column) => cellOf(column, row)));
    if (!state.allOpen && !state.opened.has(place)) return [shown];
    button.setAttribute("aria-expanded", "true");
    return [shown, moreOf(place)];
  }

  function toggle(place, button) {
    const open = find(`more-${place}`);
    button.setAttribute("aria-expanded", String(!open));
    if (open) {
      open.remove();
      state.opened.delete(place);
    } else {
      button.closest("tr").after(moreOf(place));
      state.opened.add(place);
    }
  }

  function show() {
    const found = matching();
    const pages = Math.max(1, Math.ceil(found.length / state.size));
    state.page = Math.min(state.page, pages - 1);
    const from = state.page * state.size;
    const part = found.slice(from, from + state.size);
    body.replaceChildren(...part.flatMap(rowOf));
    const number = (one) => one.toLocaleString("en");
    find("shown").textContent = found.length === 0
      ? "No patient matches. Change the filters or show all."
      : `Patients ${number(from + 1)} to ${number(from + part.length)} of ${number(found.length)}` +
        (found.length < rows.length ? ` that match; ${number(rows.length)} in this table.` : ".");
    find("page").textContent = `Page ${number(state.page + 1)} of ${number(pages)}`;
    find("page-before").disabled = state.page === 0;
    find("page-after").disabled = state.page === pages - 1;
    find("open-all").setAttribute("aria-pressed", String(state.allOpen));
    find("open-all").textContent = state.allOpen ? "Close all rows" : "Open all rows of this page";
  }

  function sort(column) {
    const [, , key, largestFirst] = COLUMNS[column];
    state.down = column === state.column ? !state.down : largestFirst;
    state.column = column;
    order.sort((one, other) => compare(one, other, key, state.down));
    markSorted();
    fromStart();
  }

  function markSorted() {
    [...head.children].forEach((cell, place) => {
      const direction = state.down ? "descending" : "ascending";
      cell.setAttribute("aria-sort", place === state.column ? direction : "none");
    });
  }

  function fromStart() {
    state.page = 0;
    show();
  }

  function turn(by) {
    state.page += by;
    show();
    find("shown").scrollIntoView({ block: "nearest" });
  }

  COLUMNS.forEach(([name, , , , kind], place) => {
    const cell = make("th", null, kind);
    cell.scope = "col";
    const button = make("button", name);
    button.type = "button";
    button.addEventListener("click", () => sort(place));
    cell.append(button);
    head.append(cell);
  });
  FILTERS.forEach(fillFilter);
  FILTERS.forEach(([id]) => find(id).addEventListener("change", fromStart));
  find("filter-words").addEventListener("input", fromStart);
  find("filter-none").addEventListener("click", () => {
    FILTERS.forEach(([id]) => { find(id).value = ""; });
    find("filter-words").value = "";
    fromStart();
  });
  find("page-before").addEventListener("click", () => turn(-1));
  find("page-after").addEventListener("click", () => turn(1));
  find("page-size").addEventListener("change", (event) => {
    state.size = Number(event.target.value);
    fromStart();
  });
  find("open-all").addEventListener("click", () => {
    state.allOpen = !state.allOpen;
    state.opened.clear();
    show();
  });
  find("table-of-patients").hidden = false;
  markSorted();
  show();
})();
