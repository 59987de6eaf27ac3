// Shows build.json on the results page: commit, date, versions and timings.
(async () => {
  const place = document.getElementById("build");
  if (!place) return;
  let build;
  try {
    const answer = await fetch(new URL("build.json", document.baseURI));
    if (!answer.ok) return;
    build = await answer.json();
  } catch {
    return; // opened from a file manager, which forbids it: the link is there
  }
  const table = document.createElement("table");
  table.className = "docutils";
  const row = (name, ...values) => {
    const line = table.insertRow();
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = name;
    line.append(head);
    line.insertCell().textContent = values.join(" ");
  };
  row("提交", build.commit ?? "（不在版本库里）", build.changed ? "（有未提交的改动）" : "");
  row("日期", build.date);
  row("Python", build.python);
  for (const [name, version] of Object.entries(build.packages)) row(name, version);
  for (const chapter of Object.values(build.chapters)) {
    if (chapter.seconds !== null) row(`运行《${chapter.title}》`, `${chapter.seconds.toFixed(2)} 秒`);
  }
  place.className = "table-wrapper";
  place.replaceChildren(table);
})();
