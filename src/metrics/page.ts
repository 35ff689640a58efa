// The live page at `/` of the metrics server: one document, no outside assets, all text set as text.

/** @param nonce allows the page's own script and style, and nothing else */
export function livePage(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ferrow</title>
<style nonce="${nonce}">
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.3rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #8884; vertical-align: top; }
  .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
  progress { width: 100%; }
  .failed { color: #c33; }
  #lost { color: #c33; }
</style>
<h1>Ferrow <span id="state">…</span></h1>
<p><span id="source"></span> → <span id="target"></span></p>
<progress id="whole" max="1" value="0"></progress>
<p id="numbers"></p>
<p id="phase"></p>
<p id="lost" hidden>The run has ended or does not answer.</p>
<table>
  <thead><tr><th>Table<th>State<th class="number">Rows<th class="number">Rows/s<th class="number">Left<th>Progress</thead>
  <tbody id="tables"></tbody>
</table>
<script nonce="${nonce}">
  'use strict';
  const at = (id) => document.getElementById(id);
  const number = (value) => Math.round(value).toLocaleString('en-US');
  const time = (seconds) => seconds === null ? '' : seconds < 60 ? seconds.toFixed(0) + ' s' : (seconds / 60).toFixed(1) + ' min';
  const cell = (row, text, name) => {
    const made = row.insertCell();
    made.textContent = text;
    if (name) made.className = name;
    return made;
  };
  function show(status) {
    at('state').textContent = status.state;
    at('source').textContent = status.source ?? '';
    at('target').textContent = status.target ?? '';
    at('phase').textContent = status.phase ?? '';
    const whole = at('whole');
    if (status.sourceRows) whole.value = Math.min(1, status.rows / status.sourceRows);
    at('numbers').textContent = number(status.rows) +
      (status.sourceRows === null ? '' : ' of ' + number(status.sourceRows)) + ' rows, ' +
      number(status.rowsPerSecond) + ' rows/s, ' + time(status.elapsedSeconds) +
      (status.etaSeconds === null ? '' : ', about ' + time(status.etaSeconds) + ' left') + '; ' +
      status.successfulTables + ' of ' + status.totalTables + ' tables done, ' + status.failedTables +
      ' failed; ' + status.warnings + ' warnings';
    const body = document.createElement('tbody');
    body.id = 'tables';
    for (const table of status.tables.slice(0, 2000)) {
      const row = body.insertRow();
      cell(row, table.table);
      cell(row, table.error ?? table.state, table.state === 'failed' ? 'failed' : '');
      cell(row, number(table.rows) + (table.sourceRows === null ? '' : ' / ' + number(table.sourceRows)), 'number');
      cell(row, table.rowsPerSecond ? number(table.rowsPerSecond) : '', 'number');
      cell(row, time(table.etaSeconds), 'number');
      const bar = document.createElement('progress');
      bar.max = 1;
      bar.value = table.state === 'done' ? 1 : table.sourceRows ? Math.min(1, table.rows / table.sourceRows) : 0;
      row.insertCell().append(bar);
    }
    at('tables').replaceWith(body);
  }
  async function poll() {
    try {
      const answer = await fetch('status', { cache: 'no-store' });
      show(await answer.json());
      at('lost').hidden = true;
    } catch {
      at('lost').hidden = false;
    }
    setTimeout(poll, 1000);
  }
  poll();
</script>
`;
}
