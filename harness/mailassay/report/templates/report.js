(function () {
  "use strict";
  function all(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }
  var box = document.getElementById("filter");
  var shown = document.getElementById("shown");
  var toggles = all(".toggle input");
  function entry(element, attribute) {
    return {
      element: element,
      values: element.getAttribute(attribute).split("|"),
      text: (element.id + " " + element.textContent).toLowerCase(),
    };
  }
  var requirements = all("tr.requirement").map(function (e) { return entry(e, "data-statuses"); });
  var cases = all("details.case").map(function (e) { return entry(e, "data-verdict"); });

  function wanted(attribute) {
    return toggles.filter(function (t) { return t.checked && t.hasAttribute(attribute); })
      .map(function (t) { return t.getAttribute(attribute); });
  }
  function show(entries, values, words) {
    return entries.filter(function (e) {
      var visible = e.values.some(function (v) { return values.indexOf(v) >= 0; }) &&
        words.every(function (w) { return e.text.indexOf(w) >= 0; });
      e.element.classList.toggle("quiet", !visible);
      return visible;
    }).length;
  }
  function apply() {
    var words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    var r = show(requirements, wanted("data-status"), words);
    var c = show(cases, wanted("data-verdict"), words);
    all("table.matrix tbody").forEach(function (body) {
      body.classList.toggle("quiet", !body.querySelector("tr.requirement:not(.quiet)"));
    });
    shown.textContent = r + " of " + requirements.length + " requirements, " +
      c + " of " + cases.length + " cases";
  }
  function follow() {
    var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) { return; }
    target.classList.remove("quiet");
    if (target.closest("tbody")) { target.closest("tbody").classList.remove("quiet"); }
    var detail = target.tagName === "DETAILS" ? target : target.querySelector("details.detail");
    if (detail) { detail.open = true; }
    target.scrollIntoView();
  }
  box.addEventListener("input", apply);
  toggles.forEach(function (t) { t.addEventListener("change", apply); });
  window.addEventListener("hashchange", follow);
  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && event.target !== box) { event.preventDefault(); box.focus(); }
  });
  document.getElementById("tools").classList.remove("quiet");
  apply();
  follow();
}());
