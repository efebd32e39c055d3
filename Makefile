# 《深度学习手记》: `make book` builds and verifies the site, `make test` runs lint and all tests.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
BOOK := $(BIN)/jupyter-book build --warningiserror --keep-going .

.PHONY: help book serve epub pdf offline dist test check coverage bench mutation lint format lock upgrade clean
help:
	@echo "make book     建立环境，构建并核对全书"
	@echo "make serve    边写边看：有改动就重新构建并核对，刷新浏览器"
	@echo "make epub     把核对过的网站做成 EPUB；make pdf 做成 PDF；make offline 做成离线包"
	@echo "make dist     三种都做，并放进网站的 downloads/ 准备发布"
	@echo "make test     建立环境，静态检查并运行全部测试"
	@echo "make check    以上全部"
	@echo "make coverage 测量测试走到了 bookproof 的多少分支"
	@echo "make bench    测量构建与核对各用多少时间"
	@echo "make mutation 逐处改动正文与代码，看有多少会被核对发现"
	@echo "make format   按约定排版代码"
	@echo "make lock     按 pyproject.toml 更新 requirements.txt"
	@echo "make upgrade  把全部依赖升级到最新版本并锁定"
	@echo "make clean    删除构建结果"

book: $(READY)
	$(BOOK)
	@echo "打开 file://$(CURDIR)/_build/html/index.html"
	@$(BIN)/bookproof summary _build/html/verification.json

# Ctrl-C is how it ends, so its status 130 is no failure.
serve: $(READY)
	@$(BIN)/bookproof serve -- $(BOOK) || [ $$? -eq 130 ]

epub pdf offline: book
	$(BIN)/python book/_editions $@

dist: book
	$(BIN)/python book/_editions epub pdf offline
	mkdir -p _build/html/downloads
	cp _build/dist/dlnotes-book* _build/html/downloads

test: lint book
	$(BIN)/python -m pytest -n auto --dist loadfile --ignore tests/site
	$(BIN)/python -m pytest -n auto --dist loadfile tests/site

check: book test

coverage: $(READY)
	$(BIN)/python -m pytest tests/bookproof --cov

bench: $(READY)
	$(BIN)/python -m tests.bench

mutation: book
	$(BIN)/python -m tests.mutation expectations
	$(BIN)/python -m tests.mutation code

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/zizmor --offline --quiet .github/workflows

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# torch is pinned to a release with a CPU build for the Pythons that we support; `+cpu` and the
# like name a build, not a release, and would not install elsewhere.
LOCK := pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links \
	--no-annotate --no-header --allow-unsafe --extra book --extra test \
	--upgrade-package torch==2.13.0 --output-file requirements.txt \
	pyproject.toml code/bookproof/pyproject.toml

lock upgrade: $(READY)
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/$(LOCK) $(if $(filter upgrade,$@),--upgrade)
	sed -i 's/+[a-z0-9.]*$$//' requirements.txt

$(READY): requirements.txt pyproject.toml code/bookproof/pyproject.toml
	$(PYTHON) -c "import sys; assert sys.version_info >= (3, 11), 'Python 3.11 or newer is needed'"
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable . --editable code/bookproof
	touch $@

clean:
	rm -rf _build .coverage* .pytest_cache .ruff_cache .hypothesis
