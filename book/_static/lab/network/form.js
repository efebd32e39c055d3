"use strict";

/* The form of the pasted network, and how its numbers are written. */

const NetworkForm = (() => {
  const FORM = `
<p>贴上 <code>nn.Sequential(…)</code>、一个 <code>nn.Module</code> 的类，或者 <code>print(net)</code> 印出的文字，写出输入的大小：逐层看形状、参数、乘加、感受野和激活。代码只在这一页里读，不会运行，也不会发到别处。</p>
<form class="lab network">
  <div class="network-examples"><label for="network-mistake">看一个跑不通的例子</label>
    <select id="network-mistake"><option value="">选一个……</option></select></div>
  <label for="network-text">网络的代码，或者 print(net) 印出的文字</label>
  <textarea id="network-text" rows="13" spellcheck="false" autocomplete="off" autocapitalize="off" wrap="off"></textarea>
  <label for="network-input">输入的大小（批，通道，高，宽）</label>
  <div class="network-size"><input id="network-input" autocomplete="off" inputmode="text" maxlength="60"
    aria-describedby="network-input-error"><button type="button" id="network-given" hidden></button><button
    type="button" id="network-clear">清空</button><button type="button" id="network-undo" hidden>撤销修改</button></div>
  <p class="lab-error" id="network-input-error"></p>
  <p class="lab-result" id="network-result" role="status" tabindex="-1"></p>
  <p id="network-refused" hidden><button type="button" id="network-line"></button> <button type="button"
    id="network-wide">把代码里的全角标点换成半角</button></p>
  <section id="network-fault" aria-label="出错的一层" hidden>
    <pre class="network-message"><code id="network-message"></code></pre>
    <p id="network-why"></p>
    <p id="network-advice"></p>
    <ul class="network-remedies" id="network-remedies"></ul>
    <p><button type="button" id="network-show"></button></p>
  </section>
  <div id="network-table" hidden>
    <table class="lab-stack network-table">
      <thead><tr><th scope="col">层</th><th scope="col">输出</th><th scope="col">参数</th><th scope="col">乘加</th><th
        scope="col">感受野</th><th scope="col">激活</th></tr></thead>
      <tbody id="network-rows"></tbody>
    </table>
    <p id="network-totals"></p>
  </div>
  <p class="lab-note" id="network-note"></p>
  <details class="network-help"><summary>怎样算的，读得懂什么</summary>
    <p>信息的原文取自 PyTorch 2.13 在 CPU 上的说法，层都当作在训练。一次乘加是一次乘法和一次加法，偏置、激活函数、归一化和池化不计；激活是每层输出的大小（float32），反向传播要留着它们；展平和就地（<code>inplace=True</code>）的层不另占。感受野说“不算”的，各个输出看到的输入不一样多；全连接层看到全部。</p>
    <p>读得懂的层：各种卷积和转置卷积、池化、<code>Linear</code>、<code>Flatten</code>、<code>Unflatten</code>、归一化、<code>Dropout</code>、激活函数、<code>Upsample</code>、<code>PixelShuffle</code>、填充、<code>Identity</code>；<code>forward</code> 里可以有 <code>F.relu</code>、<code>F.max_pool2d</code>、<code>torch.flatten</code>、<code>x.view</code>、<code>torch.cat</code> 和相加。读不懂的，会写出是哪一行，不猜。</p>
  </details>
</form>`;
  const START = {
    code: "net = nn.Sequential(\n    nn.Conv2d(1, 6, kernel_size=5),\n    nn.ReLU(),\n    nn.MaxPool2d(2),\n" +
      "    nn.Conv2d(6, 16, kernel_size=5),\n    nn.ReLU(),\n    nn.MaxPool2d(2),\n    nn.Flatten(),\n" +
      "    nn.Linear(16 * 5 * 5, 120),  # 差一点\n    nn.ReLU(),\n    nn.Linear(120, 10),\n)\n",
    input: "1, 1, 28, 28",
  };
  const format = new Intl.NumberFormat("zh-CN");
  const numberText = (number) => format.format(number);
  const shapeText = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

  function bytesText(bytes) {
    if (bytes < 1024) return `${bytes} B`;
    const [unit, size] = bytes < 2 ** 20 ? ["KiB", 2 ** 10] : bytes < 2 ** 30 ? ["MiB", 2 ** 20] : ["GiB", 2 ** 30];
    return `${(bytes / size).toFixed(1)} ${unit}`;
  }

  function fieldText(field) {
    if (field === "all") return "全部";
    if (!field) return "不算";
    if (field.length === 0) return "1";
    const sizes = field.map(({ size }) => size);
    return new Set(sizes).size === 1 ? String(sizes[0]) : sizes.join("×");
  }

  function make(tag, said, rest = {}) {
    return Object.assign(document.createElement(tag), { textContent: said, ...rest });
  }

  /** Write a step as a row of the table. */
  function rowOf(row) {
    const made = document.createElement("tr");
    const head = make("th", "", { scope: "row" });
    if (row.path) head.append(make("span", row.path, { className: "network-path" }));
    const said = row.said.replace(/\s+/g, " ").replace(/^nn\./, "");
    const shown = row.layer && !row.layer.functional ? said : `${row.name}：${said}`;
    const code = make("code", "");
    // A long line is broken behind a mark rather than inside a word.
    const parts = (shown.length > 90 ? `${shown.slice(0, 88)}…` : shown).split(/(?<=[(：])/);
    code.append(...parts.flatMap((part) => [part, document.createElement("wbr")]));
    head.append(code, ...NetworkLinks(row));
    made.append(head);
    if (!row.output) {
      made.className = "network-fault";
      const other = row.other && `${shapeText(row.input)} 和 ${shapeText(row.other.shape)} 对不上`;
      made.append(make("td", other ?? `收不下 ${shapeText(row.input)}`, { colSpan: 5 }));
      return made;
    }
    const cells = {
      输出: shapeText(row.output), 参数: numberText(row.parameters), 乘加: numberText(row.multiplyAdds),
      感受野: fieldText(row.field), 激活: row.bytes ? bytesText(row.bytes) : "不另占",
    };
    for (const [label, value] of Object.entries(cells)) {
      const cell = make("td", value);
      Object.assign(cell.dataset, { label, value });
      made.append(cell);
    }
    return made;
  }

  return { FORM, START, make, rowOf, numberText, shapeText, bytesText };
})();
