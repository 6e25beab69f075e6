(function () {
  "use strict";
  var box = document.getElementById("filter");
  var toggles = Array.prototype.slice.call(document.querySelectorAll("[data-toggle]"));
  var cases = Array.prototype.slice.call(document.querySelectorAll("details.case"));
  var shown = document.getElementById("shown");
  function apply() {
    var words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    var verdicts = toggles.filter(function (t) { return t.checked; })
      .map(function (t) { return t.getAttribute("data-toggle"); });
    var count = 0;
    cases.forEach(function (c) {
      var text = c.getAttribute("data-text").toLowerCase();
      var visible = verdicts.indexOf(c.getAttribute("data-verdict")) >= 0 &&
        words.every(function (w) { return text.indexOf(w) >= 0; });
      c.classList.toggle("quiet", !visible);
      if (visible) { count += 1; }
    });
    shown.textContent = count + " of " + cases.length + " shown";
  }
  function follow() {
    var wanted = location.hash && document.getElementById(location.hash.slice(1));
    if (!wanted) { return; }
    if (wanted.tagName === "DETAILS") { wanted.open = true; wanted.classList.remove("quiet"); }
    wanted.scrollIntoView();
  }
  box.addEventListener("input", apply);
  toggles.forEach(function (t) { t.addEventListener("change", apply); });
  window.addEventListener("hashchange", follow);
  document.getElementById("tools").classList.remove("quiet");
  apply();
  follow();
}());
