"""Whether the label of an axis lacks a unit.

A word list decides what has a unit: a label that names none of its quantities (``Nozzle``, ``Operator``) is left alone.
"""

import re

_IN_BRACKETS = re.compile(r"[(\[][^()\[\]]+[)\]]")
_AFTER_A_STROKE = re.compile(r"\s/\s*\S+$")
_AFTER_IN = re.compile(r"\bin\s+\S+")
_AFTER_A_COMMA = re.compile(r",\s*\S+$")
_SIGN = re.compile(r"[%°‰{]")  # { stands for what an f-string puts in
_WORD = re.compile(r"[a-z]+")

_WITH_A_UNIT = """
acceleration amount amperage amplitude angle area bore breadth capacity charge circumference clearance concentration
concentricity conductivity consumption cost costs current deflection delay demand depth deviation diameter dimension
displacement distance dose duration eccentricity elongation energy expense expenses extension feed flatness flow
force gap hardness heat height humidity impedance income inductance intensity inventory latency length load loss
luminosity mass measurement modulus moment momentum offset output perimeter power pressure price profit radius range
reading readings resistance resistivity revenue roughness roundness runout salary sales shrinkage size speed
stiffness stock strength stress sum temperature tension thickness throughput time tolerance torque travel velocity
viscosity voltage volume wavelength wear weight width
"""
_WITHOUT_A_UNIT = """
coefficient coefficients correlation count counts cumulative density dimensionless factor fraction index logarithm
multiple normalised normalized number percent percentage percentile probability proportion quantile quantiles rank ratio
relative score scores share standardised standardized
"""
_QUANTITIES = frozenset(_WITH_A_UNIT.split())
_NUMBERS = frozenset(_WITHOUT_A_UNIT.split())


def lacks_unit(label: str) -> bool:
    """Whether the label names a quantity that has a unit, and gives none.

    A unit is given as ``Length [mm]``, ``Length (mm)``, ``Length / mm``, ``Length in mm`` or ``Length, mm``.
    ``Number of readings`` and ``Share of the time`` need none.
    """
    forms = (_IN_BRACKETS, _AFTER_A_STROKE, _AFTER_IN, _AFTER_A_COMMA, _SIGN)
    words = set(_WORD.findall(label.lower()))
    return bool(words & _QUANTITIES) and not words & _NUMBERS and not any(form.search(label) for form in forms)
