"""The wheel's metadata, in this one place; pyproject.toml holds the tools' settings, requirements.txt the pins."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+)"', (HERE / "tillthen" / "__init__.py").read_text()).group(1)
README = HERE / "README.md"

setup(
    name="tillthen",
    version=VERSION,
    description="Features as they were known at the time; backtests in the money they would have made.",
    long_description=README.read_text() if README.exists() else "",
    long_description_content_type="text/markdown",
    license_expression="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    packages=find_packages(include=["tillthen", "tillthen.*"]),
    include_package_data=False,
    package_data={
        "tillthen": ["py.typed"],
        "tillthen.runtime": ["*.properties", "ivy/*.xml"],
        "tillthen.report": ["templates/*", "static/*"],
        "tillthen.starter": ["templates/**/*", "templates/**/.*/**/*"],
    },
    install_requires=[
        "click>=8.1",
        "deltalake>=1.2",
        "iso4217>=1.16",
        "jinja2>=3.1",
        "numpy>=2.0",
        "openlineage-python>=1.40",
        "pandas>=2.2",
        "pyarrow>=17",
        "pydantic>=2.7",
        "pyyaml>=6.0",
        "rich>=13",
        "sqlglot>=26",
    ],
    extras_require={
        # A cluster brings its own Spark and Delta.
        "spark": ["pyspark>=4.1,<4.2", "delta-spark>=4.2,<4.3"],
        "learn": ["scikit-learn>=1.5", "scipy>=1.13", "xgboost-cpu>=3.2,<3.3", "mlflow-skinny>=3.17", "sqlalchemy>=2",
                  "alembic>=1.13"],
        "report": ["matplotlib>=3.9"],
        "s3": ["boto3>=1.36"],
        "dev": ["axe-playwright-python", "build", "chispa", "griffelib", "hypothesis", "model-diagnostics", "mypy",
                "pandas-stubs", "playwright", "polars", "pypdf", "pytest", "pytest-randomly", "ruff", "types-PyYAML",
                "zensical"],
    },
    entry_points={"console_scripts": ["tillthen = tillthen.cli:run"]},
)  # fmt: skip
