#include "core/report/html_style.h"

namespace aitrade {

namespace {

constexpr std::string_view style = R"css(
:root{color-scheme:light dark;--page:#f6f5f2;--card:#fff;--ink:#191b1f;--soft:#5d6470;--faint:#8b919b;
--line:#e4e2dc;--grid:#ecebe6;--blue:#1f57b5;--hold:#a87b1d;--up:#0f7a55;--down:#b93a32;--warn:#8a6100}
@media(prefers-color-scheme:dark){:root{--page:#0f1115;--card:#171a20;--ink:#e9eaec;--soft:#a3a9b4;
--faint:#7b828e;--line:#2a2e36;--grid:#232730;--blue:#78a8f5;--hold:#d3a94e;--up:#4cc497;--down:#ee7f76;--warn:#dfb552}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 "Inter","Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
font-variant-numeric:tabular-nums lining-nums;-webkit-text-size-adjust:100%}
main{max-width:1152px;margin:0 auto;padding:40px 32px 56px}
header .eyebrow{margin:0 0 6px;color:var(--soft);font-size:12px;font-weight:600;letter-spacing:.09em;text-transform:uppercase}
h1{margin:0;font-size:32px;line-height:1.2;font-weight:650;letter-spacing:-.015em;overflow-wrap:anywhere}
header .lead{margin:8px 0 0;color:var(--soft);max-width:80ch}
h2{margin:44px 0 14px;font-size:19px;font-weight:650;letter-spacing:-.005em}
h3{margin:0 0 8px;font-size:13.5px;font-weight:600;color:var(--soft)}
.verdict{margin:26px 0 0;padding:16px 20px;background:var(--card);border:1px solid var(--line);border-left:4px solid var(--faint);border-radius:6px}
.verdict b{display:block;margin-bottom:2px;font-size:12px;letter-spacing:.09em;text-transform:uppercase;color:var(--soft)}
.verdict p{margin:0;font-size:17px;line-height:1.45}
.verdict.beats_chance{border-left-color:var(--up)}.verdict.loses{border-left-color:var(--down)}
.verdict.luck,.verdict.too_short{border-left-color:var(--warn)}
.tiles{display:grid;grid-template-columns:repeat(6,1fr);gap:1px;margin:18px 0 0;background:var(--line);border:1px solid var(--line);border-radius:6px;overflow:hidden}
.tile{background:var(--card);padding:14px 16px 13px;min-width:0}
.tile>span{display:block;font-size:12.5px;color:var(--soft);white-space:nowrap}
.tile strong{display:block;margin:3px 0 1px;font-size:22px;font-weight:620;letter-spacing:-.01em;white-space:nowrap}
.tile small{display:block;font-size:12px;color:var(--faint);line-height:1.35}
.card,figure.chart{margin:0 0 16px;padding:16px 18px;background:var(--card);border:1px solid var(--line);border-radius:6px;min-width:0}
.two{display:grid;grid-template-columns:1fr 1fr;gap:16px}.two>.card,.two>figure.chart{margin-bottom:0}.two{margin-bottom:16px}
.flow{columns:2;column-gap:16px}.flow>*{break-inside:avoid}
figcaption{display:flex;justify-content:space-between;align-items:baseline;gap:6px 18px;flex-wrap:wrap;margin-bottom:8px}
figcaption b{font-weight:620}figcaption span{color:var(--soft);font-size:13px}figcaption em{font-style:normal;color:var(--faint)}
.key{display:inline-block;width:14px;height:3px;border-radius:2px;margin:0 6px 3px 0;background:var(--faint)}
.key.equity{background:var(--blue)}.key.hold{background:var(--hold)}.key.up{background:var(--up)}.key.down{background:var(--down)}
.plot{position:relative}.plot p.sub{margin:6px 0 0;font-size:12px;color:var(--soft)}
svg{display:block;width:100%;height:auto;overflow:visible}svg.narrow{display:none}
svg text{fill:var(--faint);font-size:12px;font-family:inherit}
svg .grid{stroke:var(--grid);fill:none}svg .rule{stroke:var(--faint);stroke-dasharray:3 4;fill:none;opacity:.75}svg .tick{stroke:var(--line);fill:none}
svg .line{fill:none;stroke-width:1.6;stroke-linejoin:round}svg .line.equity{stroke:var(--blue)}svg .line.hold{stroke:var(--hold);stroke-width:1.3}
svg .line.fall{stroke:var(--down);stroke-width:1.1}svg .line.price{stroke:var(--soft);stroke-width:1.1}
svg .area{stroke:none;opacity:.1}svg .area.equity{fill:var(--blue)}svg .area.fall{fill:var(--down);opacity:.18}
svg .band{stroke:none;opacity:.22}svg .band.equity{fill:var(--blue)}svg .band.price{fill:var(--faint);opacity:.3}
svg .bar.plain{fill:var(--blue)}svg .bar.up{fill:var(--up)}svg .bar.down{fill:var(--down)}svg .bar{opacity:.82}svg .bar:hover{opacity:1}
svg .mark{stroke:var(--card);stroke-width:.7}svg .mark.up{fill:var(--up)}svg .mark.down{fill:var(--down)}
svg .span{fill:none;stroke-width:1.1;opacity:.8}svg .span.up,svg .dots.up{stroke:var(--up)}svg .span.down,svg .dots.down{stroke:var(--down)}
svg .dots{fill:none;stroke-width:4;stroke-linecap:round;opacity:.5}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{padding:5px 0 5px 14px;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap;vertical-align:baseline}
th:first-child,td:first-child{text-align:left;padding-left:0}
thead th{font-size:12.5px;font-weight:500;color:var(--soft)}tbody th{font-weight:400;white-space:normal}tbody tr:last-child>*{border-bottom:0}
td.text,th.text{text-align:left}td small,th small{color:var(--faint);font-size:12.5px}
.up{color:var(--up)}.down{color:var(--down)}
dl.numbers{margin:0;display:grid;grid-template-columns:1fr auto;font-size:14px}
dl.numbers dt,dl.numbers dd{margin:0;padding:5px 0;border-bottom:1px solid var(--grid)}
dl.numbers dd{text-align:right;padding-left:14px;white-space:nowrap}dl.numbers dt small,dl.numbers dd small{color:var(--faint);font-size:12.5px}
dl.numbers>:nth-last-child(-n+2){border-bottom:0}
table.months{table-layout:fixed;min-width:640px}table.months th,table.months td{padding:6px 4px;text-align:right;border-bottom:0;font-size:13.5px}
table.months th:first-child{width:52px;text-align:left}
table.months td.heat{color:var(--ink)}table.months td.heat.up{background:color-mix(in srgb,var(--up) var(--t,0%),var(--card))}
table.months td.heat.down{background:color-mix(in srgb,var(--down) var(--t,0%),var(--card))}
table.months td{border:1.5px solid var(--card)}table.months td.total{font-weight:620}
.scroll{overflow-x:auto;-webkit-overflow-scrolling:touch}
details summary{cursor:pointer;font-weight:620}details[open] summary{margin-bottom:10px}
.note{margin:10px 0 0;color:var(--soft);font-size:13.5px;max-width:88ch}
footer{margin-top:40px;padding-top:18px;border-top:1px solid var(--line);color:var(--soft);font-size:13px}
footer code{font:12px/1.5 ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
footer dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:12px 0 0}footer dt,footer dd{margin:0}
.cursor{position:absolute;top:0;bottom:0;width:1px;background:var(--faint);pointer-events:none;display:none}
.tip{position:absolute;top:0;padding:5px 9px;background:var(--ink);color:var(--card);border-radius:4px;font-size:12.5px;line-height:1.4;white-space:nowrap;pointer-events:none;display:none;z-index:2}
@media(max-width:1000px){.tiles{grid-template-columns:repeat(3,1fr)}}
@media(max-width:720px){main{padding:22px 14px 36px}h1{font-size:24px}h2{margin:32px 0 10px;font-size:18px}
.tiles{grid-template-columns:repeat(2,1fr)}.tile{padding:11px 12px}.tile strong{font-size:19px}.two{grid-template-columns:minmax(0,1fr)}.flow{columns:1}
.card,figure.chart{padding:13px 12px}.verdict{padding:13px 14px}.verdict p{font-size:15.5px}
svg.wide{display:none}svg.narrow{display:block}svg.narrow .axis text{paint-order:stroke;stroke:var(--card);stroke-width:3px}
.spare{display:none}th,td{padding-left:10px}table{font-size:13.5px}}
@media print{body{background:#fff}.card,figure.chart{break-inside:avoid}main{max-width:none;padding:0}}
)css";

constexpr std::string_view script = R"js(
for (const plot of document.querySelectorAll('[data-h]')) {
  const data = JSON.parse(plot.dataset.h);
  const cursor = plot.appendChild(document.createElement('div'));
  const tip = plot.appendChild(document.createElement('div'));
  cursor.className = 'cursor';
  tip.className = 'tip';
  const hide = () => { cursor.style.display = tip.style.display = 'none'; };
  plot.addEventListener('pointerleave', hide);
  plot.addEventListener('pointermove', (event) => {
    const box = plot.getBoundingClientRect();
    const narrow = getComputedStyle(plot.querySelector('svg.wide')).display === 'none';
    const left = narrow ? 0 : box.width * 64 / 1040;
    const width = box.width * (narrow ? 356 / 358 : 968 / 1040);
    const place = (event.clientX - box.left - left) / width;
    if (place < -0.02 || place > 1.02) return hide();
    let best = data.p[0];
    for (const p of data.p) if (Math.abs(p[0] - place) < Math.abs(best[0] - place)) best = p;
    const x = left + best[0] * width;
    tip.textContent = best[1] + '  ' + data.k.map((k, i) => k + ' ' + best[i + 2]).join('  ');
    cursor.style.display = tip.style.display = 'block';
    cursor.style.left = x + 'px';
    tip.style.left = Math.max(0, Math.min(box.width - tip.offsetWidth, x - tip.offsetWidth / 2)) + 'px';
  });
}
)js";

}  // namespace

std::string_view html_style() {
  return style;
}

std::string_view html_script() {
  return script;
}

}  // namespace aitrade
